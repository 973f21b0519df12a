import type { KindMap } from '../../core/observable/index.ts';
import { asSeenBy, type Nominations, nominate, priorityOf } from './nominations.ts';
import { deletePod } from './pod-deletion.ts';
import { podRequest } from './pod-runtime.ts';
import { isPodFinished, setPodCondition } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { canHost, type NodeLoad, type PodDemand } from './scheduler-filters.ts';
import { type Cluster, objectsOf } from './state.ts';
import { updateObject } from './store.ts';

type Pod = KindMap['Pod'];

const manager = 'kube-scheduler';

interface Plan {
  readonly load: NodeLoad;
  /** Lower priorities that have to go, least important first. */
  readonly victims: readonly Pod[];
}

/**
 * Makes room for a pod by deleting pods of lower priority on one node, as the scheduler does:
 * the node whose most important victim is the least important, then the one with fewest victims.
 * Budgets do not count here. True when victims were found; the pod is bound when they are gone.
 */
export function preempt(
  cluster: Cluster,
  pod: Pod,
  {
    demand,
    loads,
    nominations,
  }: { demand: PodDemand; loads: readonly NodeLoad[]; nominations: Nominations },
): boolean {
  const priority = pod.spec?.priority ?? 0;
  if (pod.spec?.preemptionPolicy === 'Never' || isWaiting(cluster, pod)) return false;
  let best: Plan | undefined;
  const lowerOf = lowerPodsByNode(cluster, priority);
  for (const load of loads) {
    const lower = lowerOf.get(load.name);
    if (lower === undefined) continue;
    const plan = planOn(asSeenBy(load, pod, nominations), lower, demand);
    if (plan && (best === undefined || isBetter(plan, best))) best = plan;
  }
  if (best === undefined) return false;
  for (const victim of best.victims) evict(cluster, victim, { pod, node: best.load.name });
  const status = { ...pod.status, nominatedNodeName: best.load.name };
  nominate(nominations, updateObject(cluster, pod, { ...pod, status }, manager));
  return true;
}

/** Victims of an earlier round are still on their way out. */
function isWaiting(cluster: Cluster, { status }: Pod): boolean {
  const nominated = status?.nominatedNodeName;
  if (nominated === undefined) return false;
  for (const { spec, metadata } of objectsOf(cluster, 'Pod').values()) {
    if (spec?.nodeName === nominated && metadata?.deletionTimestamp) return true;
  }
  return false;
}

/** The pods below a priority that run on each node and could go; nodes without one are missing. */
function lowerPodsByNode(cluster: Cluster, priority: number): ReadonlyMap<string, readonly Pod[]> {
  const lowerOf = new Map<string, Pod[]>();
  for (const pod of objectsOf(cluster, 'Pod').values()) {
    const node = pod.spec?.nodeName;
    if (node === undefined || priorityOf(pod) >= priority) continue;
    if (pod.metadata?.deletionTimestamp || isPodFinished(pod)) continue;
    const lower = lowerOf.get(node);
    if (lower) lower.push(pod);
    else lowerOf.set(node, [pod]);
  }
  return lowerOf;
}

function planOn(load: NodeLoad, lower: readonly Pod[], demand: PodDemand): Plan | undefined {
  const room: NodeLoad = { ...load };
  for (const pod of lower) take(room, pod, -1);
  if (canHost(room, demand).length > 0) return undefined;
  // The most important are spared first.
  const victims: Pod[] = [];
  for (const pod of lower.toSorted((a, b) => priorityOf(b) - priorityOf(a))) {
    take(room, pod, 1);
    if (canHost(room, demand).length === 0) continue;
    take(room, pod, -1);
    victims.unshift(pod);
  }
  return victims.length === 0 ? undefined : { load, victims };
}

function take(room: NodeLoad, pod: Pod, sign: 1 | -1): void {
  room.cpuCores += sign * podRequest(pod, 'cpu');
  room.memoryBytes += sign * podRequest(pod, 'memory');
  room.pods += sign;
}

function isBetter(plan: Plan, best: Plan): boolean {
  const [worst, worstBest] = [plan, best].map(({ victims }) =>
    Math.max(...victims.map(priorityOf)),
  ) as [number, number];
  if (worst !== worstBest) return worst < worstBest;
  return plan.victims.length < best.victims.length;
}

function evict(cluster: Cluster, victim: Pod, { pod, node }: { pod: Pod; node: string }): void {
  recordEvent(cluster, victim, {
    type: 'Normal',
    reason: 'Preempted',
    message: `Preempted by pod ${pod.metadata?.uid} on node ${node}`,
    source: 'default-scheduler',
  });
  const marked = setPodCondition(cluster, victim, {
    condition: {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    },
    manager,
  });
  deletePod(cluster, marked, { manager });
}
