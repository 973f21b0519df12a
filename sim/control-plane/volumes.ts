/** Claims, volumes and what attaches where: the parts of kube-controller-manager and kubelet. */
import type { KindMap } from '../../core/observable/index.ts';
import { parseInstantMs, parseQuantity } from '../../core/tools/index.ts';
import { objectKey } from './kinds.ts';
import { recordEvent } from './recorder.ts';
import { matchesSelector } from './selectors.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
import { insertObject, updateObject } from './store.ts';

type Pod = KindMap['Pod'];
type Claim = KindMap['PersistentVolumeClaim'];
type Volume = KindMap['PersistentVolume'];

const manager = 'kube-controller-manager';
const source = 'persistentvolume-controller';
/** The controller detaches by force from a node that is gone this long after a pod's deletion. */
const forcedDetachMs = 360_000;

/** Binds a claim to a volume, making one where its class can; otherwise it stays Pending. */
export function syncClaim(cluster: Cluster, key: string): void {
  const claim = findObject(cluster, 'PersistentVolumeClaim', key);
  if (claim === undefined || claim.status?.phase === 'Bound') return;
  const found = findVolume(cluster, claim);
  if (found.volume === null) {
    setPhase(cluster, claim, 'Pending');
    recordEvent(cluster, claim, { ...found.why, source });
    return;
  }
  const { volume } = found;
  const { name = '', namespace = '', uid = '' } = claim.metadata ?? {};
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', name, namespace, uid };
  updateObject(
    cluster,
    volume,
    { ...volume, spec: { ...volume.spec, claimRef }, status: { phase: 'Bound' } },
    manager,
  );
  const spec = { ...claim.spec, volumeName: volume.metadata?.name ?? '' };
  const bound = updateObject(cluster, claim, { ...claim, spec }, manager);
  setPhase(cluster, bound, 'Bound');
  cluster.state.dirty.scheduler = true;
}

function setPhase(cluster: Cluster, claim: Claim, phase: string): void {
  const { accessModes, resources } = claim.spec ?? {};
  const capacity = resources?.requests;
  const status =
    phase === 'Bound'
      ? { phase, ...(accessModes ? { accessModes } : {}), ...(capacity ? { capacity } : {}) }
      : { phase };
  updateObject(cluster, claim, { ...claim, status }, manager);
}

interface Refusal {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'FailedBinding' | 'ProvisioningFailed';
  readonly message: string;
}

type Found = { readonly volume: Volume } | { readonly volume: null; readonly why: Refusal };

function notProvisioned(message: string): Found {
  return { volume: null, why: { type: 'Warning', reason: 'ProvisioningFailed', message } };
}

/** The volume that a claim gets, or why it gets none. */
function findVolume(cluster: Cluster, claim: Claim): Found {
  const { storageClassName: className = defaultClass(cluster), volumeName } = claim.spec ?? {};
  for (const volume of objectsOf(cluster, 'PersistentVolume').values()) {
    if (fits(volume, claim, className)) return { volume };
  }
  if (volumeName) {
    const message = `volume "${volumeName}" not found or not fit for the claim`;
    return { volume: null, why: { type: 'Warning', reason: 'FailedBinding', message } };
  }
  if (className === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return { volume: null, why: { type: 'Normal', reason: 'FailedBinding', message } };
  }
  const storageClass = findObject(cluster, 'StorageClass', className);
  if (storageClass === undefined) {
    return notProvisioned(`storageclass.storage.k8s.io "${className}" not found`);
  }
  const failure = `failed to provision volume with StorageClass "${className}"`;
  if (claim.spec?.selector) return notProvisioned(`${failure}: claim Selector is not supported`);
  const isShared = (claim.spec?.accessModes ?? []).includes('ReadWriteMany');
  if (isShared && !/nfs|file/.test(storageClass.provisioner)) {
    const why = 'volume access mode MULTI_NODE_MULTI_WRITER is not supported';
    return notProvisioned(`${failure}: rpc error: code = InvalidArgument desc = ${why}`);
  }
  return { volume: insertObject(cluster, renderVolume(claim, className), manager) };
}

function defaultClass(cluster: Cluster): string {
  for (const { metadata } of objectsOf(cluster, 'StorageClass').values()) {
    const { annotations = {}, name = '' } = metadata ?? {};
    if (annotations['storageclass.kubernetes.io/is-default-class'] === 'true') return name;
  }
  return '';
}

function fits(volume: Volume, { metadata, spec }: Claim, className: string): boolean {
  const { capacity, accessModes = [], storageClassName = '', claimRef } = volume.spec ?? {};
  // Of a claim that is gone, only one of the same name gets the volume again, if it asks for it.
  const isOwn = claimRef?.name === metadata?.name && claimRef?.namespace === metadata?.namespace;
  if (claimRef && !(isOwn && spec?.volumeName === volume.metadata?.name)) return false;
  if (spec?.volumeName && spec.volumeName !== volume.metadata?.name) return false;
  if (storageClassName !== className) return false;
  if (spec?.selector && !matchesSelector(spec.selector, volume.metadata?.labels)) return false;
  const wanted = parseQuantity(spec?.resources?.requests?.storage ?? 0);
  if (parseQuantity(capacity?.storage ?? 0) < wanted) return false;
  return (spec?.accessModes ?? []).every((mode) => accessModes.includes(mode));
}

function renderVolume({ metadata, spec }: Claim, storageClassName: string): Volume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${metadata?.uid ?? ''}` },
    spec: {
      ...(spec?.resources?.requests ? { capacity: spec.resources.requests } : {}),
      ...(spec?.accessModes ? { accessModes: spec.accessModes } : {}),
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName,
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Available' },
  };
}

const noClaims: readonly string[] = [];

/** The claims a pod names. */
export function claimsOf({ metadata, spec }: Pod): readonly string[] {
  if (!spec?.volumes) return noClaims;
  const keys: string[] = [];
  for (const { persistentVolumeClaim: claim } of spec.volumes) {
    if (claim) keys.push(objectKey(metadata?.namespace, claim.claimName));
  }
  return keys;
}

interface MountFailure {
  readonly reason: string;
  readonly message: string;
}

/** Why the kubelet cannot mount what a pod wants; null when it can. */
export function mountObstacle(cluster: Cluster, pod: Pod): MountFailure | null {
  for (const { name, configMap, secret } of pod.spec?.volumes ?? []) {
    const wanted = configMap?.name ?? secret?.secretName;
    if (wanted === undefined || (configMap ?? secret)?.optional) continue;
    const key = objectKey(pod.metadata?.namespace, wanted);
    if (findObject(cluster, configMap ? 'ConfigMap' : 'Secret', key)) continue;
    const what = `${configMap ? 'configmap' : 'secret'} "${wanted}" not found`;
    return {
      reason: 'FailedMount',
      message: `MountVolume.SetUp failed for volume "${name}" : ${what}`,
    };
  }
  for (const key of claimsOf(pod)) {
    const claim = findObject(cluster, 'PersistentVolumeClaim', key);
    const user = claim && exclusiveUser(cluster, pod, { key, claim });
    if (!claim || !user) continue;
    const volume = claim.spec?.volumeName;
    const message = `Multi-Attach error for volume "${volume}" Volume is already used by pod(s) ${user}`;
    return { reason: 'FailedAttachVolume', message };
  }
  return null;
}

/** A pod on another node to which a volume for one node is attached. */
function exclusiveUser(
  cluster: Cluster,
  pod: Pod,
  { key, claim }: { key: string; claim: Claim },
): string | undefined {
  const modes = claim.spec?.accessModes ?? [];
  if (modes.some((mode) => mode.endsWith('Many'))) return undefined;
  for (const other of objectsOf(cluster, 'Pod').values()) {
    if (other.spec?.nodeName === pod.spec?.nodeName || !claimsOf(other).includes(key)) continue;
    const runtime = cluster.state.runtimes.get(other.metadata?.uid ?? '');
    if (runtime?.isAttached && !isDetached(cluster, other)) return other.metadata?.name;
  }
  return undefined;
}

/** A pod that should be gone from a node without power holds its volumes for some minutes only. */
function isDetached({ state }: Cluster, { metadata, spec }: Pod): boolean {
  if (!metadata?.deletionTimestamp || state.nodes.get(spec?.nodeName ?? '')?.powered) return false;
  return state.nowUs / 1000 > parseInstantMs(metadata.deletionTimestamp) + forcedDetachMs;
}

type NodeTerms = NonNullable<
  NonNullable<NonNullable<Volume['spec']>['nodeAffinity']>['required']
>['nodeSelectorTerms'];

/** What a pod's volumes ask of its node. */
export interface VolumeDemand {
  /** Why no node will do; null when one might. */
  readonly problem: string | null;
  /** For each volume that lies somewhere: terms of which a node must meet one. */
  readonly places: readonly NodeTerms[];
}

const noDemand: VolumeDemand = { problem: null, places: [] };

export function volumeDemand(cluster: Cluster, pod: Pod): VolumeDemand {
  const keys = claimsOf(pod);
  if (keys.length === 0) return noDemand;
  const places: NodeTerms[] = [];
  for (const key of keys) {
    const claim = findObject(cluster, 'PersistentVolumeClaim', key);
    const name = key.slice(key.indexOf('/') + 1);
    if (!claim) return { problem: `persistentvolumeclaim "${name}" not found`, places };
    if (claim.status?.phase !== 'Bound') {
      return { problem: 'pod has unbound immediate PersistentVolumeClaims', places };
    }
    const volume = findObject(cluster, 'PersistentVolume', claim.spec?.volumeName ?? '');
    const terms = volume?.spec?.nodeAffinity?.required?.nodeSelectorTerms;
    if (terms) places.push(terms);
  }
  return { problem: null, places };
}
