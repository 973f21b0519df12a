import type { Patch } from '../../core/observable/index.ts';
import { cloneJson, isEqualJson, isRecord, type Json } from './plain.ts';

/**
 * Lists that strategic merge patch merges by key, as the recorded OpenAPI of 1.34 marks them.
 * Taints and tolerations are atomic there, hence replaced as a whole.
 */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  addresses: ['type'],
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  podIPs: ['ip'],
  ports: ['containerPort', 'port'],
  topologySpreadConstraints: ['topologyKey'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};

/** A patch that cannot be applied; the text is what the API server says of it. */
export class PatchError extends Error {}

/**
 * The patched object; the original is untouched. Throws a {@link PatchError} when it does not fit.
 */
export function applyPatch(object: Json, patch: Patch): Json {
  if (patch.type === 'json') return applyJsonPatch(object, patch.body);
  const body = patch.body as Json;
  return (patch.type === 'merge' ? mergePatch(object, body) : strategicPatch(object, body)) as Json;
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return cloneJson(patch);
  const result: Json = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** Kubernetes' strategic merge patch, with the `$patch` and `$retainKeys` directives. */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return cloneJson(patch);
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  const result: Json = isRecord(target) ? { ...target } : {};
  retainKeys(result, patch.$retainKeys);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$') || value === undefined) continue;
    if (value === null || (isRecord(value) && value.$patch === 'delete')) delete result[key];
    else if (Array.isArray(value)) result[key] = mergeList(key, result[key], value);
    else result[key] = strategicPatch(result[key], value);
  }
  return result;
}

function retainKeys(result: Json, keys: unknown): void {
  if (!Array.isArray(keys)) return;
  for (const key of Object.keys(result)) if (!keys.includes(key)) delete result[key];
}

function withoutDirectives(patch: Json): Json {
  return cloneJson(
    Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$'))),
  );
}

function mergeList(field: string, target: unknown, patch: readonly unknown[]): unknown {
  if (field === 'finalizers') {
    const kept = Array.isArray(target) ? target : [];
    return [...kept, ...patch.filter((item) => !kept.includes(item))];
  }
  const items = patch.filter(isRecord);
  const key = mergeKeys[field]?.find((name) => items.some((item) => item[name] !== undefined));
  const replaces = items.some((item) => item.$patch === 'replace');
  if (key === undefined || replaces || items.length !== patch.length) {
    return cloneJson(patch.filter((item) => !isRecord(item) || item.$patch !== 'replace'));
  }
  const result: unknown[] = Array.isArray(target) ? [...target] : [];
  for (const item of items) {
    const index = result.findIndex((known) => isRecord(known) && known[key] === item[key]);
    if (item.$patch === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(strategicPatch(undefined, item));
    else result[index] = strategicPatch(result[index], item);
  }
  return result;
}

type JsonOperation = Extract<Patch, { type: 'json' }>['body'][number];

/** RFC 6902: add, replace, remove, test. */
export function applyJsonPatch(object: Json, operations: readonly JsonOperation[]): Json {
  const root: Json = { '': cloneJson(object) };
  for (const operation of operations) applyOperation(root, operation);
  return root[''] as Json;
}

function applyOperation(root: Json, { op, path, value }: JsonOperation): void {
  if (path !== '' && !path.startsWith('/')) fail(op, path);
  const keys = path.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() as string;
  let parent: unknown = root;
  for (const key of keys) parent = child(parent, key);
  if (Array.isArray(parent)) applyToList(parent, { op, path, value }, last);
  else if (isRecord(parent)) applyToRecord(parent, { op, path, value }, last);
  else fail(op, path);
}

function child(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) return parent[Number(key)];
  return isRecord(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function applyToRecord(parent: Json, { op, path, value }: JsonOperation, key: string): void {
  if (op !== 'add' && !Object.hasOwn(parent, key)) fail(op, path);
  if (op === 'test') assertEqual(parent[key], value, path);
  else if (op === 'remove') delete parent[key];
  else parent[key] = cloneJson(value);
}

function applyToList(parent: unknown[], { op, path, value }: JsonOperation, key: string): void {
  const index = key === '-' && op === 'add' ? parent.length : /^\d+$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > parent.length - (op === 'add' ? 0 : 1)) fail(op, path);
  if (op === 'test') assertEqual(parent[index], value, path);
  else if (op === 'remove') parent.splice(index, 1);
  else parent.splice(index, op === 'add' ? 0 : 1, cloneJson(value));
}

function assertEqual(actual: unknown, expected: unknown, path: string): void {
  if (!isEqualJson(actual, expected)) {
    throw new PatchError(
      `the server rejected our request due to an error in our request: testing value ${path} failed`,
    );
  }
}

function fail(op: string, path: string): never {
  throw new PatchError(
    `the server rejected our request due to an error in our request: ${op} operation does not apply: doc is missing path: "${path}": missing value`,
  );
}
