import type {
  ApiResult,
  ClusterApi,
  Kind,
  KindMap,
  KubernetesObject,
  ObjectRef,
  Patch,
  Status,
  WriteOptions,
} from '../../core/observable/index.ts';
import { formatInstant } from '../../core/tools/index.ts';
import { admit } from './admission.ts';
import { admitNewPod } from './admission-chain.ts';
import type { Outage } from './api-outage.ts';
import { recordChanges } from './change-events.ts';
import { unreadableObject, unreadablePatch } from './decoding.ts';
import { evictPod } from './disruption.ts';
import { collectGarbage } from './garbage.ts';
import { apiVersionOf, type KindInfo, kindInfo, objectKey } from './kinds.ts';
import { lastRenewalUs } from './node-kubelet.ts';
import { applyPatch, PatchError } from './patch.ts';
import { cloneJson, type Json } from './plain.ts';
import { deletePod } from './pod-deletion.ts';
import { matchesLabels } from './selectors.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
import * as statuses from './status.ts';
import { dropObject, insertObject, keyOf, nowText, updateObject } from './store.ts';
import { validate } from './validation.ts';

/** The verbs over one cluster. Answers are copies: who changes one changes nothing here. */
export function createApi(clusterOf: () => Cluster, outageOf: () => Outage): ClusterApi {
  const serve =
    (verb: 'read' | 'write') =>
    <T>(answer: () => ApiResult<T>): Promise<ApiResult<T>> => {
      const outage = outageOf()?.(verb);
      const result = outage ? failed(outage) : answer();
      return Promise.resolve(result.ok ? { ok: true, object: cloneJson(result.object) } : result);
    };
  const [read, write] = [serve('read'), serve('write')];
  return {
    get: (ref) => read(() => readObject(clusterOf(), ref)),
    list: (kind, options = {}) => read(() => listObjects(clusterOf(), kind, options)),
    create: (object, options) => write(() => createObject(clusterOf(), object, options)),
    patch: (ref, patch, options) => write(() => patchObject(clusterOf(), ref, { patch, options })),
    replace: (object, options) => write(() => replaceObject(clusterOf(), object, options)),
    remove: (ref, options) => write(() => removeObject(clusterOf(), ref, options)),
    evict: (ref, options) => write(() => evictObject(clusterOf(), ref, options)),
  };
}

function refKey(kind: KindInfo, ref: ObjectRef): string {
  return kind.namespaced ? objectKey(ref.namespace ?? 'default', ref.name) : ref.name;
}

function failed(status: Status): { readonly ok: false; readonly status: Status } {
  return { ok: false, status };
}

function readObject<K extends Kind>(cluster: Cluster, ref: ObjectRef<K>): ApiResult<KindMap[K]> {
  const kind = kindInfo(ref.kind);
  const object = findObject(cluster, ref.kind, refKey(kind, ref));
  return object
    ? { ok: true, object: withRenewal(cluster, object) }
    : failed(statuses.notFound(kind, ref.name));
}

/** Leases are renewed by nobody looking: their time is worked out when somebody does. */
function withRenewal<K extends Kind>({ state }: Cluster, object: KindMap[K]): KindMap[K] {
  if (object.kind !== 'Lease') return object;
  const lease = object as KindMap['Lease'];
  const node = state.nodes.get(lease.metadata?.name ?? '');
  if (node === undefined || lease.metadata?.namespace !== 'kube-node-lease') return object;
  const renewTime = formatInstant(lastRenewalUs(node, state.nowUs) / 1000).replace('Z', '.000000Z');
  return { ...lease, spec: { ...lease.spec, renewTime } } as KindMap[K];
}

function listObjects<K extends Kind>(
  cluster: Cluster,
  kind: K,
  options: { namespace?: string; labelSelector?: Readonly<Record<string, string>> },
): ApiResult<readonly KindMap[K][]> {
  const items: KindMap[K][] = [];
  for (const object of objectsOf(cluster, kind).values()) {
    if (options.namespace !== undefined && object.metadata?.namespace !== options.namespace)
      continue;
    if (matchesLabels(options.labelSelector ?? {}, object.metadata?.labels)) {
      items.push(withRenewal(cluster, object));
    }
  }
  items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return { ok: true, object: items };
}

/** Creates an object as POST does. */
export function createObject<K extends Kind>(
  cluster: Cluster,
  object: KindMap[K],
  options: WriteOptions,
): ApiResult<KindMap[K]> {
  const kind = kindInfo(object.kind as string, object.apiVersion);
  const name = object.metadata?.name ?? '';
  const unreadable = unreadableObject(object);
  if (unreadable) return failed(unreadable);
  const admitted = admitSafely(withoutServerFields(cloneJson(object)));
  const errors = validate(admitted, undefined);
  if (errors.length > 0) return failed(statuses.invalid(kind, name, errors));
  if (findObject(cluster, object.kind as K, keyOf(admitted)))
    return failed(statuses.alreadyExists(kind, name));
  const namespace = admitted.metadata?.namespace;
  if (kind.namespaced && !findObject(cluster, 'Namespace', namespace ?? '')) {
    return failed(statuses.notFound(kindInfo('Namespace'), namespace ?? ''));
  }
  const checked =
    admitted.kind === 'Pod' ? admitNewPod(cluster, admitted as KindMap['Pod']) : undefined;
  if (checked?.ok === false) return checked;
  const accepted = (checked?.object ?? admitted) as KindMap[K];
  if (options.dryRun) return { ok: true, object: accepted };
  const stored = insertObject(cluster, accepted, options.fieldManager);
  noteChanges(cluster, options, [undefined, stored]);
  return { ok: true, object: stored };
}

/**
 * Admission reads what validation has not seen yet; a spec without the required parts passes
 * through.
 */
function admitSafely<K extends Kind>(object: KindMap[K]): KindMap[K] {
  const { spec } = object as {
    spec?: { template?: { spec?: { containers?: unknown } }; containers?: unknown };
  };
  const podSpec =
    object.kind === 'Pod'
      ? spec
      : object.kind === 'Deployment'
        ? spec?.template?.spec
        : { containers: [] };
  if (podSpec !== undefined && Array.isArray(podSpec.containers)) return admit(object);
  const kind = kindInfo(object.kind as string);
  const metadata = { ...object.metadata, namespace: object.metadata?.namespace ?? 'default' };
  return { ...object, apiVersion: apiVersionOf(kind), metadata };
}

const serverFields: readonly string[] = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'deletionTimestamp',
];

function withoutServerFields<K extends Kind>(object: KindMap[K]): KindMap[K] {
  const kind = kindInfo(object.kind as string, object.apiVersion);
  const entries = Object.entries(object.metadata ?? {}).filter(
    ([key]) => !serverFields.includes(key),
  );
  const { status, ...rest } = object as Json;
  const kept =
    kind.hasStatus && object.kind !== 'Node'
      ? rest
      : { ...rest, ...(status === undefined ? {} : { status }) };
  return { ...kept, metadata: Object.fromEntries(entries) } as KindMap[K];
}

export function patchObject<K extends Kind>(
  cluster: Cluster,
  ref: ObjectRef<K>,
  { patch, options }: { patch: Patch; options: WriteOptions },
): ApiResult<KindMap[K]> {
  const before = findObject(cluster, ref.kind, refKey(kindInfo(ref.kind), ref));
  if (before === undefined) return failed(statuses.notFound(kindInfo(ref.kind), ref.name));
  const kind = kindInfo(ref.kind, before.apiVersion);
  const isCustom = kind.group.includes('.') && !kind.group.endsWith('k8s.io');
  if (patch.type === 'strategic' && isCustom) return failed(statuses.unsupportedPatch());
  try {
    const after = applyPatch(before as unknown as Json, patch) as unknown as KindMap[K];
    const unreadable = unreadablePatch(after, patch);
    if (unreadable) return failed(unreadable);
    return storeUpdate(cluster, [before, after], options);
  } catch (error) {
    if (error instanceof PatchError) return failed(statuses.unprocessable(error.message));
    throw error;
  }
}

function replaceObject<K extends Kind>(
  cluster: Cluster,
  object: KindMap[K],
  options: WriteOptions,
): ApiResult<KindMap[K]> {
  const kind = kindInfo(object.kind as string, object.apiVersion);
  const { namespace, name = '' } = object.metadata ?? {};
  const unreadable = unreadableObject(object);
  if (unreadable) return failed(unreadable);
  const key = kind.namespaced ? objectKey(namespace ?? 'default', name) : name;
  const before = findObject(cluster, object.kind as K, key);
  if (before === undefined) return failed(statuses.notFound(kind, name));
  return storeUpdate(cluster, [before, cloneJson(object)], options);
}

/**
 * What clients cannot change: identity, server-kept metadata, and the status where it is a
 * subresource.
 */
function keepServerFields<K extends Kind>(before: KindMap[K], after: KindMap[K]): KindMap[K] {
  const kind = kindInfo(before.kind as string, before.apiVersion);
  const metadata = { ...after.metadata } as Json;
  for (const field of ['name', 'namespace', ...serverFields]) {
    const value = (before.metadata as Json | undefined)?.[field];
    if (value === undefined) delete metadata[field];
    else metadata[field] = value;
  }
  const { status, ...rest } = after as Json;
  const kept = kind.hasStatus ? (before as Json).status : status;
  return {
    ...rest,
    kind: before.kind,
    apiVersion: before.apiVersion,
    metadata,
    ...(kept === undefined ? {} : { status: kept }),
  } as KindMap[K];
}

function storeUpdate<K extends Kind>(
  cluster: Cluster,
  [before, proposed]: readonly [KindMap[K], KindMap[K]],
  options: WriteOptions,
): ApiResult<KindMap[K]> {
  const kind = kindInfo(before.kind as string, before.apiVersion);
  const name = before.metadata?.name ?? '';
  const version = proposed.metadata?.resourceVersion;
  if (version !== undefined && version !== before.metadata?.resourceVersion) {
    return failed(statuses.conflict(kind, name));
  }
  const owned = keepServerFields(before, proposed);
  const errors = validate(owned, before);
  if (errors.length > 0) return failed(statuses.invalid(kind, name, errors));
  const after = keepServerFields(before, admitSafely(owned));
  if (options.dryRun) return { ok: true, object: after };
  const stored = updateObject(cluster, before, after, options.fieldManager);
  if (stored !== before) noteChanges(cluster, options, [before, stored]);
  return finalise(cluster, stored);
}

/** An object being deleted goes with its last finalizer. */
function finalise<K extends Kind>(cluster: Cluster, object: KindMap[K]): ApiResult<KindMap[K]> {
  const { deletionTimestamp, finalizers = [] } = object.metadata ?? {};
  if (object.kind !== 'Pod' && deletionTimestamp && finalizers.length === 0) {
    dropObject(cluster, object);
    collectGarbage(cluster, object);
  }
  return { ok: true, object };
}

function removeObject<K extends Kind>(
  cluster: Cluster,
  ref: ObjectRef<K>,
  options: WriteOptions & { gracePeriodSeconds?: number },
): ApiResult<KindMap[K]> {
  const kind = kindInfo(ref.kind);
  const object = findObject(cluster, ref.kind, refKey(kind, ref));
  if (object === undefined) return failed(statuses.notFound(kind, ref.name));
  if (options.dryRun) return { ok: true, object };
  noteChanges(cluster, options, [object, undefined]);
  if (ref.kind === 'Pod') {
    const grace = options.gracePeriodSeconds;
    const deleted = deletePod(cluster, object as KindMap['Pod'], {
      manager: options.fieldManager,
      ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    });
    return { ok: true, object: deleted as KindMap[K] };
  }
  if ((object.metadata?.finalizers ?? []).length > 0) {
    const metadata = {
      ...object.metadata,
      deletionTimestamp: nowText(cluster),
      deletionGracePeriodSeconds: 0,
    };
    return {
      ok: true,
      object: updateObject(cluster, object, { ...object, metadata }, options.fieldManager),
    };
  }
  dropObject(cluster, object);
  collectGarbage(cluster, object);
  return { ok: true, object };
}

function evictObject(
  cluster: Cluster,
  ref: ObjectRef<'Pod'>,
  options: WriteOptions,
): ApiResult<Status> {
  const pod = readObject(cluster, ref);
  if (!pod.ok) return pod;
  return evictPod(cluster, pod.object, {
    manager: options.fieldManager,
    dryRun: options.dryRun ?? false,
  });
}

/** The manifests a cluster starts from are no changes. */
function noteChanges(
  cluster: Cluster,
  { fieldManager }: WriteOptions,
  change: readonly [KubernetesObject | undefined, KubernetesObject | undefined],
): void {
  if (cluster.state.booted) recordChanges(cluster, fieldManager, change);
}
