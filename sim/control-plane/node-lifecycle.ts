import type { KindMap } from '../../core/observable/index.ts';
import { findCondition, withCondition } from './conditions-list.ts';
import { lastRenewalUs } from './node-kubelet.ts';
import {
  addExecuteTaint,
  hasExecuteTaint,
  notReady,
  readyStatus,
  removeExecuteTaints,
  syncScheduleTaints,
  unreachable,
} from './node-taints.ts';
import { isPodReady, setPodCondition } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, type NodeRuntime, objectsOf, setTimer } from './state.ts';
import { nowText, updateObject } from './store.ts';
import { armZone, judgeZones } from './zone-disruption.ts';

type Node = KindMap['Node'];

const manager = 'kube-controller-manager';
const source = 'node-controller';
const silentTypes = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** One pass of the node monitor: who fell silent, who came back, and how bad each zone is. */
export function monitorNodes(cluster: Cluster): void {
  const { state, setup } = cluster;
  for (const runtime of state.nodes.values()) {
    const node = findObject(cluster, 'Node', runtime.name);
    if (node !== undefined) monitorNode(cluster, runtime, node);
  }
  judgeZones(cluster);
  setTimer(cluster, state.nowUs + setup.nodeMonitorPeriodUs, { kind: 'monitor_nodes' });
}

function monitorNode(cluster: Cluster, runtime: NodeRuntime, node: Node): void {
  const { state, setup } = cluster;
  const renewalUs = lastRenewalUs(runtime, state.nowUs);
  if (renewalUs !== runtime.observedRenewalUs) {
    runtime.observedRenewalUs = renewalUs;
    runtime.observedUs = state.nowUs;
  }
  const silent = state.nowUs - runtime.observedUs >= setup.nodeMonitorGraceUs;
  const before = readyStatus(node);
  const current = silent && before !== 'Unknown' ? markUnknown(cluster, runtime, node) : node;
  const ready = readyStatus(current);
  const wasReady = runtime.observedReady === 'True';
  runtime.observedReady = ready;
  if (ready === 'True') {
    runtime.taintQueuedUs = null;
    removeExecuteTaints(cluster, current);
    return;
  }
  if (wasReady) reportNotReady(cluster, current);
  const wanted = ready === 'Unknown' ? unreachable : notReady;
  if (hasExecuteTaint(current, wanted) || runtime.taintQueuedUs !== null) return;
  runtime.taintQueuedUs = state.nowUs;
  armZone(cluster, runtime.zone);
}

function markUnknown(cluster: Cluster, { name }: NodeRuntime, node: Node): Node {
  let conditions = node.status?.conditions ?? [];
  for (const type of silentTypes) {
    const before = findCondition(conditions, type);
    conditions = withCondition(conditions, {
      type,
      status: 'Unknown',
      ...(before?.lastHeartbeatTime === undefined
        ? {}
        : { lastHeartbeatTime: before.lastHeartbeatTime }),
      lastTransitionTime: nowText(cluster),
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
  }
  updateObject(cluster, node, { ...node, status: { ...node.status, conditions } }, manager);
  // At once, so that it stands before the NoExecute taint, which waits for its zone's rate.
  syncScheduleTaints(cluster, name);
  return findObject(cluster, 'Node', name) ?? node;
}

/**
 * Tells of the node, and takes condition Ready from each of its pods; nothing else of them
 * changes.
 */
function reportNotReady(cluster: Cluster, node: Node): void {
  const name = node.metadata?.name ?? '';
  recordEvent(cluster, node, {
    type: 'Normal',
    reason: 'NodeNotReady',
    message: `Node ${name} status is now: NodeNotReady`,
    source,
  });
  for (const pod of [...objectsOf(cluster, 'Pod').values()]) {
    if (pod.spec?.nodeName !== name || !isPodReady(pod)) continue;
    setPodCondition(cluster, pod, { condition: { type: 'Ready', status: 'False' }, manager });
    recordEvent(cluster, pod, {
      type: 'Warning',
      reason: 'NodeNotReady',
      message: 'Node is not ready',
      source,
    });
  }
}

/** Taints the node that waited longest in its zone's queue, then waits for the zone's rate. */
export function taintNextNode(cluster: Cluster, zoneName: string): void {
  const { state } = cluster;
  const zone = state.zones.get(zoneName);
  if (zone === undefined) return;
  zone.taintTimerArmed = false;
  if (zone.taintsPerSec === 0) return;
  const queue = [...state.nodes.values()].filter(
    (node) => node.zone === zoneName && node.taintQueuedUs !== null,
  );
  queue.sort((a, b) => (a.taintQueuedUs as number) - (b.taintQueuedUs as number));
  const [next] = queue;
  const node = next && findObject(cluster, 'Node', next.name);
  if (next === undefined) return;
  next.taintQueuedUs = null;
  if (node !== undefined && readyStatus(node) !== 'True') {
    addExecuteTaint(cluster, node, readyStatus(node) === 'Unknown' ? unreachable : notReady);
    zone.nextTaintUs = state.nowUs + Math.round(1_000_000 / zone.taintsPerSec);
  }
  if (queue.length > 1) armZone(cluster, zoneName);
}
