import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';

/** As much of OpenAPI v3 as CustomResourceDefinitions use for structure. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** The v1alpha1 schemas of all Chaos Mesh kinds, by kind. */
export function readChaosSchemas(dataFolder: string): ReadonlyMap<string, Schema> {
  const text = readFileSync(join(dataFolder, 'chaos-mesh', 'crd.yaml'), 'utf8');
  const definitions = loadAll(text) as unknown as (Definition | null)[];
  return new Map(
    definitions.flatMap((definition) => {
      const version = definition?.spec.versions.find(({ name }) => name === 'v1alpha1');
      return definition && version
        ? [[definition.spec.names.kind, version.schema.openAPIV3Schema] as const]
        : [];
    }),
  );
}

/** What is wrong with a value by a schema, as `path: problem`; unknown fields are wrong. */
export function findSchemaProblems(value: unknown, schema: Schema, path = '$'): string[] {
  if (schema['x-kubernetes-int-or-string']) {
    return typeof value === 'string' || Number.isInteger(value)
      ? []
      : [`${path}: not int or string`];
  }
  if (schema.type && !hasType(value, schema.type)) return [`${path}: expected ${schema.type}`];
  const problems: string[] = [];
  if (schema.enum && !schema.enum.includes(value)) problems.push(`${path}: not in enum`);
  if (schema.pattern && typeof value === 'string' && !new RegExp(schema.pattern).test(value)) {
    problems.push(`${path}: does not match ${schema.pattern}`);
  }
  if (typeof value === 'number' && value < (schema.minimum ?? -Infinity))
    problems.push(`${path}: too small`);
  if (typeof value === 'number' && value > (schema.maximum ?? Infinity))
    problems.push(`${path}: too large`);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items)
      problems.push(
        ...value.flatMap((item, i) => findSchemaProblems(item, items, `${path}[${i}]`)),
      );
    return problems;
  }
  if (typeof value === 'object' && value !== null)
    problems.push(...fieldProblems(value, schema, path));
  return problems;
}

function fieldProblems(value: object, schema: Schema, path: string): string[] {
  const problems = (schema.required ?? [])
    .filter((name) => !(name in value))
    .map((name) => `${path}.${name}: required`);
  for (const [name, field] of Object.entries(value)) {
    const known = schema.properties?.[name];
    const extra = schema.additionalProperties;
    if (known) problems.push(...findSchemaProblems(field, known, `${path}.${name}`));
    else if (typeof extra === 'object')
      problems.push(...findSchemaProblems(field, extra, `${path}.${name}`));
    else if (extra !== true && !isOpen(schema)) problems.push(`${path}.${name}: unknown field`);
  }
  return problems;
}

/** Kubernetes itself checks metadata, so definitions leave it open. */
function isOpen(schema: Schema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true || schema.properties === undefined;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
