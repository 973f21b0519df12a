/** The kubelet's eviction manager, as far as it follows the node pool's configuration. */
import type { KindMap } from '../../core/observable/index.ts';
import { findCondition, withCondition } from './conditions-list.ts';
import { evictForPressure, freePercent } from './kubelet-eviction.ts';
import { isPodFinished } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, objectsOf, setTimer } from './state.ts';
import { nowText, updateObject } from './store.ts';

type Node = KindMap['Node'];

/** One pod per housekeeping. */
const housekeepingUs = 10_000_000;
/** A pressure that is over is reported for so long (`evictionPressureTransitionPeriod`). */
const transitionUs = 300_000_000;

/** The ConfigMap of a node's pool: its kubelets read `nodefs.available` from it. */
export function poolConfigOf(zone: string): string {
  return `kube-system/kubelet-config-${zone}`;
}

/** Brings condition DiskPressure in line with the threshold of the node's pool. */
export function syncNodePressure(cluster: Cluster, name: string): void {
  const node = findObject(cluster, 'Node', name);
  const runtime = cluster.state.nodes.get(name);
  if (node === undefined || !runtime?.powered || !runtime.kubeletUp) return;
  const isShort = thresholdPercent(cluster, node) > freePercent;
  const isReported = hasDiskPressure(node);
  if (isShort === isReported) return;
  if (isShort) {
    setPressure(cluster, node, true);
    setTimer(cluster, cluster.state.nowUs + housekeepingUs, { kind: 'evict_one', node: name });
    return;
  }
  const since = findCondition(node.status?.conditions, 'DiskPressure')?.lastHeartbeatTime;
  const key = { kind: 'end_pressure', node: name } as const;
  if (since !== undefined) setTimer(cluster, cluster.state.nowUs + transitionUs, key);
}

/** Takes the report back, if nothing is short after the transition period. */
export function endPressure(cluster: Cluster, name: string): void {
  const node = findObject(cluster, 'Node', name);
  if (node && hasDiskPressure(node) && thresholdPercent(cluster, node) <= freePercent)
    setPressure(cluster, node, false);
}

/** Evicts the least important pod; as the disk does not get emptier, the next follows. */
export function evictOne(cluster: Cluster, name: string): void {
  const node = findObject(cluster, 'Node', name);
  if (node === undefined || thresholdPercent(cluster, node) <= freePercent) return;
  setTimer(cluster, cluster.state.nowUs + housekeepingUs, { kind: 'evict_one', node: name });
  const pods = [...objectsOf(cluster, 'Pod').values()].filter(
    (pod) => pod.spec?.nodeName === name && !pod.metadata?.deletionTimestamp && !isPodFinished(pod),
  );
  const [victim] = pods.toSorted((a, b) => (a.spec?.priority ?? 0) - (b.spec?.priority ?? 0));
  if (victim === undefined) return;
  recordEvent(cluster, node, {
    type: 'Warning',
    reason: 'EvictionThresholdMet',
    message: 'Attempting to reclaim ephemeral-storage',
    source: 'kubelet',
    host: name,
  });
  evictForPressure(cluster, victim, thresholdPercent(cluster, node));
}

/** Percent of the disk that has to be free; kubelets ask for a tenth unless told otherwise. */
function thresholdPercent(cluster: Cluster, node: Node): number {
  const zone = node.metadata?.labels?.['topology.kubernetes.io/zone'] ?? '';
  const config = findObject(cluster, 'ConfigMap', poolConfigOf(zone))?.data?.kubelet ?? '';
  return Number(/nodefs\.available:\s*"?(\d+)%/.exec(config)?.[1] ?? 10);
}

function hasDiskPressure({ status }: Node): boolean {
  return findCondition(status?.conditions, 'DiskPressure')?.status === 'True';
}

function setPressure(cluster: Cluster, node: Node, isPressed: boolean): void {
  const name = node.metadata?.name ?? '';
  const conditions = withCondition(node.status?.conditions, {
    type: 'DiskPressure',
    status: isPressed ? 'True' : 'False',
    lastHeartbeatTime: nowText(cluster),
    lastTransitionTime: nowText(cluster),
    reason: isPressed ? 'KubeletHasDiskPressure' : 'KubeletHasNoDiskPressure',
    message: isPressed ? 'kubelet has disk pressure' : 'kubelet has no disk pressure',
  });
  updateObject(cluster, node, { ...node, status: { ...node.status, conditions } }, 'kubelet');
  const reason = isPressed ? 'NodeHasDiskPressure' : 'NodeHasNoDiskPressure';
  const message = `Node ${name} status is now: ${reason}`;
  recordEvent(cluster, node, { type: 'Normal', reason, message, source: 'kubelet', host: name });
}
