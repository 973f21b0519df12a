import type { KindMap } from '../../core/observable/index.ts';
import { runbookScheduler } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';
import { asSeenBy, type Nominations, nominationsOf, settle } from './nominations.ts';
import { isDown, isWriteBlocked } from './platform-state.ts';
import { PlacedPods, podRuleReason } from './pod-affinity.ts';
import { keepRequest, runtimeOf } from './pod-runtime.ts';
import { setPodCondition } from './pod-status.ts';
import { preempt } from './preemption.ts';
import { recordEvent } from './recorder.ts';
import { type SchedulerCache, schedulerCacheOf } from './scheduler-cache.ts';
import { canHost, type NodeLoad, type PodDemand, podDemand } from './scheduler-filters.ts';
import { matchesNodeTerm } from './selectors.ts';
import { type Cluster, setTimer } from './state.ts';
import { updateObject } from './store.ts';

type Pod = KindMap['Pod'];

/** Unschedulable pods are tried again after this, even when nothing changed. */
const flushUs = 300_000_000;
const manager = 'kube-scheduler';

/** Binds every pending pod that fits somewhere, by priority and then in order of creation. */
export function schedulePods(cluster: Cluster): void {
  if (isWriteBlocked(cluster)) return;
  const cache = schedulerCacheOf(cluster);
  const pending = cache
    .follow(cluster)
    .filter((pod) => !pod.metadata?.deletionTimestamp && hasScheduler(cluster, pod));
  if (pending.length === 0) return;
  pending.sort((a, b) => (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0));
  const loads = cache.loads(cluster);
  const placed = new PlacedPods(cache, loads);
  const nominations = nominationsOf(pending);
  let failed = false;
  for (const pod of pending)
    failed = !schedulePod(cluster, pod, { cache, loads, placed, nominations }) || failed;
  if (!failed || cluster.state.retryArmed) return;
  cluster.state.retryArmed = true;
  setTimer(cluster, cluster.state.nowUs + flushUs, { kind: 'schedule' });
}

/** The default scheduler, and the small one that the runbook's Jobs ask for. */
function hasScheduler(cluster: Cluster, { spec }: Pod): boolean {
  const name = spec?.schedulerName ?? 'default-scheduler';
  if (name === runbookScheduler) return true;
  return name === 'default-scheduler' && !isDown(cluster, 'scheduler');
}

function schedulePod(cluster: Cluster, pod: Pod, round: Round): boolean {
  const { cache, loads, placed, nominations } = round;
  const demand = podDemand(cluster, pod);
  const refusals = new Map<string, number>();
  let lacking = 0;
  const candidates = loads.filter((load) => {
    const reasons = reasonsAgainst(pod, load, { demand, ...round });
    if (reasons.some((reason) => reason.startsWith('Insufficient'))) lacking += 1;
    for (const reason of reasons) refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    return reasons.length === 0;
  });
  const best = chooseNode(candidates, demand, loads);
  if (best === undefined) {
    if (lacking > 0 && preempt(cluster, pod, { demand, loads, nominations })) return false;
    reportFailure(cluster, pod, { nodes: loads.length, refusals, lacking });
    return false;
  }
  cache.occupy(best, demand);
  placed.add({ pod, load: best });
  settle(nominations, pod);
  bind(cluster, pod, best.name);
  return true;
}

/** What all pods of a scheduling round share. */
interface Round {
  readonly cache: SchedulerCache;
  readonly loads: readonly NodeLoad[];
  readonly placed: PlacedPods;
  readonly nominations: Nominations;
}

/** As in the scheduler, rules between pods speak only where the node itself would do. */
function reasonsAgainst(
  pod: Pod,
  load: NodeLoad,
  { demand, placed, loads, nominations }: Round & { readonly demand: PodDemand },
): readonly string[] {
  const reasons = canHost(asSeenBy(load, pod, nominations), demand);
  if (reasons.length > 0) return reasons;
  const rule = podRuleReason(pod, load, { placed, loads });
  return rule === null ? reasons : [rule];
}

/**
 * The most preferred node, then the zone and the node with the fewest pods of the same workload,
 * then the least allocated node, then the first by name.
 */
function chooseNode(
  candidates: readonly NodeLoad[],
  demand: PodDemand,
  loads: readonly NodeLoad[],
): NodeLoad | undefined {
  const perZone = new Map<string, number>();
  for (const { zone, workloads } of loads) {
    perZone.set(zone, (perZone.get(zone) ?? 0) + (workloads.get(demand.workload) ?? 0));
  }
  let best: NodeLoad | undefined;
  let bestRank: readonly number[] = [];
  for (const load of candidates) {
    const rank = [
      -preference(load, demand),
      perZone.get(load.zone) ?? 0,
      load.workloads.get(demand.workload) ?? 0,
      (load.cpuCores / load.cpuCapacity + load.memoryBytes / load.memoryCapacity) / 2,
    ];
    if (best === undefined || isLess(rank, bestRank)) {
      best = load;
      bestRank = rank;
    }
  }
  return best;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number);
  }
  return false;
}

function preference(load: NodeLoad, { preferredTerms }: PodDemand): number {
  let weight = 0;
  for (const { preference: term, weight: gain } of preferredTerms) {
    if (matchesNodeTerm(term, load)) weight += gain;
  }
  return weight;
}

function bind(cluster: Cluster, pod: Pod, nodeName: string): void {
  const { namespace, name } = pod.metadata ?? {};
  recordEvent(cluster, pod, {
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${objectKey(namespace, name ?? '')} to ${nodeName}`,
    source: 'default-scheduler',
  });
  const scheduled = setPodCondition(cluster, pod, {
    condition: { type: 'PodScheduled', status: 'True' },
    manager,
  });
  runtimeOf(cluster, pod).node = nodeName;
  const spec = { ...scheduled.spec, nodeName } as NonNullable<Pod['spec']>;
  keepRequest(scheduled.spec, spec);
  updateObject(cluster, scheduled, { ...scheduled, spec }, manager);
}

interface Refusal {
  readonly nodes: number;
  /** Nodes per reason. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Nodes that lack only resources. */
  readonly lacking: number;
}

function reportFailure(cluster: Cluster, pod: Pod, { nodes, refusals, lacking }: Refusal): void {
  const reasons = [...refusals].map(([reason, count]) => `${count} ${reason}`).sort();
  const message =
    nodes === 0
      ? 'no nodes available to schedule pods'
      : `0/${nodes} nodes are available: ${reasons.join(', ')}. ${preemptionText(nodes, lacking)}`;
  recordEvent(cluster, pod, {
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    source: 'default-scheduler',
  });
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  setPodCondition(cluster, pod, { condition, manager });
}

/** Said when no pod of lower priority could make room. */
function preemptionText(nodes: number, lacking: number): string {
  const parts = [
    ...(lacking > 0 ? [`${lacking} No preemption victims found for incoming pod`] : []),
    ...(nodes > lacking ? [`${nodes - lacking} Preemption is not helpful for scheduling`] : []),
  ];
  return `preemption: 0/${nodes} nodes are available: ${parts.join(', ')}.`;
}
