import type { KindMap } from '../../core/observable/index.ts';
import { withCondition } from './conditions-list.ts';
import { losePower, regainPower } from './kubelet.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, type NodeRuntime } from './state.ts';
import { nowText, updateObject } from './store.ts';

type Node = KindMap['Node'];
export type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

/** Kubelets renew their Lease this often. */
export const leaseRenewalUs = 10_000_000;

/** When the node's kubelet last renewed its Lease. */
export function lastRenewalUs(node: NodeRuntime, nowUs: number): number {
  if (!node.powered || !node.kubeletUp) return node.lastRenewalUs;
  return nowUs - modulo(nowUs - node.leasePhaseUs, leaseRenewalUs);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

/** The conditions a healthy kubelet posts, in its order. */
export function healthyConditions(cluster: Cluster): NodeCondition[] {
  const at = { lastHeartbeatTime: nowText(cluster), lastTransitionTime: nowText(cluster) };
  const pressure = (type: string, reason: string, message: string): NodeCondition => ({
    type,
    status: 'False',
    ...at,
    reason,
    message,
  });
  return [
    pressure(
      'MemoryPressure',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    pressure('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressure('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    {
      type: 'Ready',
      status: 'True',
      ...at,
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    },
  ];
}

/** Brings kubelets in line with the power of their nodes. */
export function setPower(cluster: Cluster, isUnpowered: (node: string) => boolean): void {
  const { state } = cluster;
  for (const node of state.nodes.values()) {
    const powered = !isUnpowered(node.name);
    if (powered === node.powered) continue;
    state.version += 1;
    if (powered) {
      node.powered = true;
      node.leasePhaseUs = state.nowUs;
      bootNode(cluster, node.name);
    } else {
      node.lastRenewalUs = lastRenewalUs(node, state.nowUs);
      node.powered = false;
      losePower(cluster, node.name);
    }
  }
}

function bootNode(cluster: Cluster, name: string): void {
  postNodeHealth(cluster, name);
  regainPower(cluster, name);
}

/** A kubelet has started: the node's conditions are good again. */
export function postNodeHealth(cluster: Cluster, name: string): void {
  const node = findObject(cluster, 'Node', name);
  if (node === undefined) return;
  reportNode(cluster, node, { reason: 'Starting', message: 'Starting kubelet.' });
  let conditions = node.status?.conditions ?? [];
  for (const condition of healthyConditions(cluster))
    conditions = withCondition(conditions, condition);
  const wasReady = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  updateObject(cluster, node, { ...node, status: { ...node.status, conditions } }, 'kubelet');
  if (!wasReady) {
    reportNode(cluster, node, {
      reason: 'NodeReady',
      message: `Node ${name} status is now: NodeReady`,
    });
  }
}

/** The kubelet lives but its container runtime does not answer. */
export function postRuntimeDown(cluster: Cluster, node: Node): void {
  const name = node.metadata?.name ?? '';
  const conditions = withCondition(node.status?.conditions ?? [], {
    type: 'Ready',
    status: 'False',
    lastHeartbeatTime: nowText(cluster),
    lastTransitionTime: nowText(cluster),
    reason: 'KubeletNotReady',
    message: '[container runtime is down, PLEG is not healthy: pleg was last seen active 30s ago]',
  });
  updateObject(cluster, node, { ...node, status: { ...node.status, conditions } }, 'kubelet');
  const message = `Node ${name} status is now: NodeNotReady`;
  reportNode(cluster, node, { reason: 'NodeNotReady', message });
}

function reportNode(
  cluster: Cluster,
  node: Node,
  report: { reason: string; message: string },
): void {
  const host = node.metadata?.name ?? '';
  recordEvent(cluster, node, { type: 'Normal', ...report, source: 'kubelet', host });
}
