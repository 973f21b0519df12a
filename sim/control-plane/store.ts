import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { formatInstant, hashText } from '../../core/tools/index.ts';
import { markDirty } from './dirty.ts';
import { apiVersionOf, kindInfo, objectKey } from './kinds.ts';
import { indexObject } from './object-index.ts';
import { freezeDeep, isEqualJson } from './plain.ts';
import { forgetPod, registerPod } from './pod-runtime.ts';
import type { Cluster } from './state.ts';

type Metadata = NonNullable<KubernetesObject['metadata']>;

/** The last instant that was written; thousands of objects may change at the same one. */
const written = { atUs: Number.NaN, text: '' };

/** The present instant as RFC 3339 text. */
export function nowText({ state: { nowUs } }: Cluster): string {
  if (written.atUs !== nowUs) {
    written.atUs = nowUs;
    written.text = formatInstant(nowUs / 1000);
  }
  return written.text;
}

export function keyOf(object: KubernetesObject): string {
  return objectKey(object.metadata?.namespace, object.metadata?.name ?? '');
}

/** Stores a new object: uid, resourceVersion, generation, creationTimestamp, managedFields. */
export function insertObject<T extends KubernetesObject>(
  cluster: Cluster,
  object: T,
  manager: string,
): T {
  const kind = kindInfo(object.kind as string, object.apiVersion);
  const version = nextResourceVersion(cluster);
  const metadata: Metadata = {
    ...object.metadata,
    uid: uidOf(`${kind.kind}/${keyOf(object)}`, version),
    resourceVersion: String(version),
    ...(kind.hasGeneration ? { generation: 1 } : {}),
    creationTimestamp: nowText(cluster),
    managedFields: [managedField(cluster, object, manager)],
  };
  const stored = freezeDeep({ ...object, metadata });
  const { objects } = cluster.state;
  const ofKind = objects.get(kind.kind) ?? new Map<string, KubernetesObject>();
  objects.set(kind.kind, ofKind);
  ofKind.set(keyOf(stored), stored);
  indexObject(cluster, undefined, stored);
  if (kind.kind === 'Pod') registerPod(cluster, stored as KindMap['Pod']);
  markDirty(cluster, undefined, stored);
  return stored;
}

/**
 * Stores the next version of an object; the generation grows when the spec changed. An equal object
 * changes nothing, as with a real server.
 */
export function updateObject<T extends KubernetesObject>(
  cluster: Cluster,
  before: T,
  after: NoInfer<T>,
  manager: string,
): T {
  if (isEqualJson(before, after)) return before;
  const kind = kindInfo(after.kind as string, after.apiVersion);
  const grown = kind.hasGeneration && !isEqualJson(countedSpec(before), countedSpec(after));
  const metadata: Metadata = {
    ...after.metadata,
    resourceVersion: String(nextResourceVersion(cluster)),
    ...(grown ? { generation: (before.metadata?.generation ?? 0) + 1 } : {}),
    managedFields: withManager(cluster, before, after, manager),
  };
  const stored = freezeDeep({ ...after, metadata });
  const ofKind = cluster.state.objects.get(kind.kind);
  const replaced = ofKind?.get(keyOf(stored));
  ofKind?.set(keyOf(stored), stored);
  indexObject(cluster, replaced, stored);
  markDirty(cluster, before, stored);
  return stored;
}

/** Takes an object out of the store, for good. */
export function dropObject(cluster: Cluster, object: KubernetesObject): void {
  nextResourceVersion(cluster);
  const ofKind = cluster.state.objects.get(object.kind as string);
  const gone = ofKind?.get(keyOf(object));
  ofKind?.delete(keyOf(object));
  indexObject(cluster, gone, undefined);
  if (object.kind === 'Pod') forgetPod(cluster, object as KindMap['Pod']);
  markDirty(cluster, object, undefined);
}

/** The part of the spec whose changes count as generations; binding a pod to a node is none. */
function countedSpec(object: KubernetesObject): unknown {
  if (object.kind !== 'Pod') return specOf(object);
  return { ...(object as KindMap['Pod']).spec, nodeName: undefined };
}

function specOf(object: KubernetesObject): unknown {
  return (object as { spec?: unknown }).spec;
}

function nextResourceVersion({ state }: Cluster): number {
  state.resourceVersion += 1;
  return state.resourceVersion;
}

type ManagedField = NonNullable<Metadata['managedFields']>[number];

function managedField(cluster: Cluster, object: KubernetesObject, manager: string): ManagedField {
  const kind = kindInfo(object.kind as string, object.apiVersion);
  return {
    manager,
    operation: 'Update',
    apiVersion: object.apiVersion ?? apiVersionOf(kind),
    time: nowText(cluster),
    fieldsType: 'FieldsV1',
  };
}

function withManager(
  cluster: Cluster,
  before: KubernetesObject,
  after: KubernetesObject,
  manager: string,
): ManagedField[] {
  const inStatus = isEqualJson(specOf(before), specOf(after)) && hasNewStatus(before, after);
  const entry = {
    ...managedField(cluster, after, manager),
    ...(inStatus ? { subresource: 'status' } : {}),
  };
  const others = (before.metadata?.managedFields ?? []).filter(
    (field) => field.manager !== manager || field.subresource !== entry.subresource,
  );
  return [...others, entry];
}

function hasNewStatus(before: KubernetesObject, after: KubernetesObject): boolean {
  const statusOf = (object: KubernetesObject): unknown => (object as { status?: unknown }).status;
  return !isEqualJson(statusOf(before), statusOf(after));
}

/** A uid of the usual shape; equal histories give equal uids. */
// The part comes first: FNV keeps equal prefixes equal, so parts behind a collision would collide
// too.
function uidOf(name: string, version: number): string {
  const hex = [0, 1, 2, 3]
    .map((part) => hashText(`${part}#${name}#${version}`).toString(16).padStart(8, '0'))
    .join('');
  const [time, low, high] = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  // Joined, the text is one piece; a template keeps its parts for as long as nobody reads it.
  return [time, low, high, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
