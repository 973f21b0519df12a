import { Buffer } from 'node:buffer';
import type { KindMap } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';

type Container = NonNullable<KindMap['Pod']['spec']>['containers'][number];
type EnvVar = NonNullable<Container['env']>[number];

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** Where settings are looked up, by `namespace/name`. */
export interface SettingsSource {
  configMap(key: string): KindMap['ConfigMap'] | undefined;
  secret(key: string): KindMap['Secret'] | undefined;
}

interface Place {
  readonly namespace: string;
  readonly source: SettingsSource;
}

const constant = new WeakMap<readonly EnvVar[], { readonly values: Environment }>();

/**
 * A container's environment as its kubelet puts it together at each start, or what is missing, in
 * the kubelet's words.
 */
export function readEnvironment(
  container: Container,
  place: Place,
): { readonly values: Environment } | { readonly error: string } {
  const { env = [], envFrom = [] } = container;
  const known = constant.get(env);
  if (known && envFrom.length === 0) return known;
  const values: Record<string, string> = {};
  for (const { configMapRef, secretRef, prefix = '' } of envFrom) {
    const key = objectKey(place.namespace, configMapRef?.name ?? secretRef?.name ?? '');
    const found = configMapRef
      ? place.source.configMap(key)?.data
      : plainSecret(place.source.secret(key));
    const hasObject = configMapRef ? place.source.configMap(key) : place.source.secret(key);
    if (!hasObject && !(configMapRef ?? secretRef)?.optional) {
      return { error: missing(configMapRef ? 'configmap' : 'secret', key) };
    }
    for (const [name, value] of Object.entries(found ?? {})) values[`${prefix}${name}`] = value;
  }
  for (const variable of env) {
    const found = settingOf(variable, place);
    if (typeof found === 'object') return found;
    if (found !== undefined) values[variable.name] = found;
  }
  const read = { values };
  // Lists of plain values are shared by all pods of a template.
  const isConstant = envFrom.length === 0 && env.every(({ valueFrom }) => valueFrom === undefined);
  if (isConstant && Object.isFrozen(env)) constant.set(env, read);
  return read;
}

function missing(kind: 'configmap' | 'secret', key: string): string {
  return `${kind} "${key.slice(key.indexOf('/') + 1)}" not found`;
}

/** Undefined for an optional setting that is not there. */
function settingOf(
  { value, valueFrom }: EnvVar,
  { namespace, source }: Place,
): string | undefined | { readonly error: string } {
  const fromMap = valueFrom?.configMapKeyRef;
  const fromSecret = valueFrom?.secretKeyRef;
  const reference = fromMap ?? fromSecret;
  if (!reference) return value ?? '';
  const key = objectKey(namespace, reference.name ?? '');
  const object = fromMap ? source.configMap(key) : source.secret(key);
  const data = fromMap ? source.configMap(key)?.data : plainSecret(source.secret(key));
  const found = data?.[reference.key];
  if (found !== undefined || reference.optional) return found;
  if (!object) return { error: missing(fromMap ? 'configmap' : 'secret', key) };
  const where = `${fromMap ? 'ConfigMap' : 'Secret'} ${key}`;
  return { error: `couldn't find key ${reference.key} in ${where}` };
}

/** A Secret's texts; it holds them in base64. */
function plainSecret(secret: KindMap['Secret'] | undefined): Environment | undefined {
  if (secret === undefined) return undefined;
  const entries = Object.entries(secret.data ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
  );
}
