import type { KindMap } from '../../core/observable/index.ts';
import { findCondition } from './conditions-list.ts';
import { type Cluster, findObject } from './state.ts';
import { nowText, updateObject } from './store.ts';

type Node = KindMap['Node'];
type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

export const unreachable = 'node.kubernetes.io/unreachable';
export const notReady = 'node.kubernetes.io/not-ready';

const manager = 'kube-controller-manager';

/** Taint keys that node lifecycle owns with effect NoSchedule. */
const ownedKeys: readonly string[] = [
  notReady,
  unreachable,
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/unschedulable',
];

export function readyStatus(node: Node): string {
  return findCondition(node.status?.conditions, 'Ready')?.status ?? 'Unknown';
}

/** Gives a node the NoSchedule taints that its conditions and its cordon ask for, and no others. */
export function syncScheduleTaints(cluster: Cluster, name: string): void {
  const node = findObject(cluster, 'Node', name);
  if (node === undefined) return;
  const wanted = new Set<string>();
  const ready = readyStatus(node);
  if (ready === 'Unknown') wanted.add(unreachable);
  if (ready === 'False') wanted.add(notReady);
  if (findCondition(node.status?.conditions, 'DiskPressure')?.status === 'True')
    wanted.add('node.kubernetes.io/disk-pressure');
  if (node.spec?.unschedulable) wanted.add('node.kubernetes.io/unschedulable');
  const isOwned = ({ key, effect }: Taint): boolean =>
    effect === 'NoSchedule' && ownedKeys.includes(key);
  const taints = node.spec?.taints ?? [];
  const kept = taints.filter((taint) => !isOwned(taint) || wanted.has(taint.key));
  const missing = [...wanted].filter(
    (key) => !kept.some((taint) => taint.key === key && isOwned(taint)),
  );
  if (kept.length === taints.length && missing.length === 0) return;
  const timeAdded = nowText(cluster);
  setTaints(cluster, node, [
    ...kept,
    ...missing.map((key) => ({ key, effect: 'NoSchedule', timeAdded })),
  ]);
}

/** Swaps the NoExecute taint of the node's condition in; the other one goes. */
export function addExecuteTaint(cluster: Cluster, node: Node, key: string): void {
  const others = (node.spec?.taints ?? []).filter(
    (taint) =>
      taint.effect !== 'NoExecute' || (taint.key !== unreachable && taint.key !== notReady),
  );
  setTaints(cluster, node, [...others, { key, effect: 'NoExecute', timeAdded: nowText(cluster) }]);
}

export function hasExecuteTaint(node: Node, key: string): boolean {
  return (node.spec?.taints ?? []).some(
    (taint) => taint.effect === 'NoExecute' && taint.key === key,
  );
}

/** Takes node lifecycle's NoExecute taints back: the node is reachable, or cannot be judged. */
export function removeExecuteTaints(cluster: Cluster, node: Node): void {
  const taints = node.spec?.taints ?? [];
  const kept = taints.filter(
    ({ key, effect }) => effect !== 'NoExecute' || (key !== unreachable && key !== notReady),
  );
  if (kept.length < taints.length) setTaints(cluster, node, kept);
}

function setTaints(cluster: Cluster, node: Node, taints: Taint[]): void {
  const { taints: _, ...spec } = node.spec ?? {};
  const after = { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } };
  updateObject(cluster, node, after, manager);
}
