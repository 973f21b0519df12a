import type { KubernetesObject, Patch, Status } from '../../core/observable/index.ts';
import { kindInfo } from './kinds.ts';
import { isRecord } from './plain.ts';
import { undecodable, undecodablePatch } from './status.ts';

/** What the API server answers to a body that it cannot read; null when it can. */
export function unreadableObject(object: KubernetesObject): Status | null {
  const mistyped = findMistyped(object);
  if (mistyped === null) return null;
  return undecodable(kindInfo(object.kind ?? '', object.apiVersion), jsonComplaint(mistyped));
}

/** The same of a patch: a strategic one is shown as it came, others by the object they leave. */
export function unreadablePatch(after: KubernetesObject, { type, body }: Patch): Status | null {
  const mistyped = findMistyped(after);
  if (mistyped === null) return null;
  return type === 'strategic'
    ? undecodablePatch(goText(body), conversionComplaint(mistyped))
    : undecodablePatch(JSON.stringify(after), jsonComplaint(mistyped));
}

/** A field that holds something else than the text it is of. */
interface Mistyped {
  /** The struct of the API that has the field, and the path to it, e.g. `ConfigMap.data`. */
  readonly field: string;
  readonly value: unknown;
}

/**
 * The first value that is no text where the API server's types have text: labels, annotations, the
 * data of ConfigMaps and Secrets, environment variables. Null is read as the empty text.
 */
function findMistyped(object: KubernetesObject): Mistyped | null {
  const { metadata, data, stringData } = object as {
    readonly metadata?: { readonly labels?: unknown; readonly annotations?: unknown };
    readonly data?: unknown;
    readonly stringData?: unknown;
  };
  const kind = object.kind ?? '';
  const hasTexts = kind === 'ConfigMap' || kind === 'Secret';
  return (
    mistypedIn('ObjectMeta.metadata.labels', metadata?.labels) ??
    mistypedIn('ObjectMeta.metadata.annotations', metadata?.annotations) ??
    (hasTexts ? mistypedIn(`${kind}.data`, data) : null) ??
    (hasTexts ? mistypedIn(`${kind}.stringData`, stringData) : null) ??
    mistypedVariable(object)
  );
}

function mistypedIn(field: string, texts: unknown): Mistyped | null {
  if (!isRecord(texts)) return null;
  for (const value of Object.values(texts)) {
    if (typeof value !== 'string' && value !== null && value !== undefined) return { field, value };
  }
  return null;
}

interface WithContainers {
  readonly containers?: unknown;
  readonly initContainers?: unknown;
}

/** Of the containers of a pod or of a template. */
function mistypedVariable(object: KubernetesObject): Mistyped | null {
  const { spec } = object as {
    readonly spec?: WithContainers & { readonly template?: { readonly spec?: WithContainers } };
  };
  const path = spec?.template?.spec ? 'spec.template.spec' : 'spec';
  const podSpec = spec?.template?.spec ?? spec;
  for (const list of ['initContainers', 'containers'] as const) {
    for (const variable of variablesOf(podSpec?.[list])) {
      const found = mistypedIn(`EnvVar.${path}.${list}.env.value`, { value: variable });
      if (found) return found;
    }
  }
  return null;
}

function variablesOf(containers: unknown): unknown[] {
  if (!Array.isArray(containers)) return [];
  return containers.flatMap((container: { env?: unknown } | null) =>
    Array.isArray(container?.env)
      ? container.env.map((entry: { value?: unknown } | null) => entry?.value)
      : [],
  );
}

/** What the API server's JSON decoder says of it. */
function jsonComplaint({ field, value }: Mistyped): string {
  const words = { slice: 'array', map: 'object', bool: 'bool', int64: 'number', float64: 'number' };
  const type = field === 'Secret.data' ? '[]uint8' : 'string';
  return `json: cannot unmarshal ${words[goKind(value)]} into Go struct field ${field} of type ${type}`;
}

/** What it says of it in a strategic merge patch, which it converts without JSON. */
function conversionComplaint({ field, value }: Mistyped): string {
  const kind = goKind(value);
  if (field === 'Secret.data') return `cannot restore slice from ${kind}`;
  return kind === 'int64' ? 'cannot convert int64 to string' : 'unrecognized type: string';
}

function goKind(value: unknown): 'slice' | 'map' | 'bool' | 'int64' | 'float64' {
  if (Array.isArray(value)) return 'slice';
  if (isRecord(value)) return 'map';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'int64' : 'float64';
}

/** A value as Go prints maps and slices, e.g. `map[data:map[level:3]]`. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isRecord(value)) return value === null ? '<nil>' : String(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`;
}
