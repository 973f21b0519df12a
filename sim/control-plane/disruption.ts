import type { ApiResult, KindMap, Status } from '../../core/observable/index.ts';
import { findCondition } from './conditions-list.ts';
import { podsSelectedBy } from './object-index.ts';
import { deletePod } from './pod-deletion.ts';
import { runtimeOf } from './pod-runtime.ts';
import { isPodActive, isPodReady, setPodCondition } from './pod-status.ts';
import { matchesSelector } from './selectors.ts';
import { resolveShare } from './share.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
import { created, evictionRefused, severalBudgets } from './status.ts';
import { nowText, updateObject } from './store.ts';

type Pod = KindMap['Pod'];
type Budget = KindMap['PodDisruptionBudget'];
type BudgetStatus = NonNullable<Budget['status']>;

const manager = 'kube-controller-manager';

/** Counts the pods of a budget and how many of them may go. */
export function syncBudget(cluster: Cluster, key: string): void {
  const budget = findObject(cluster, 'PodDisruptionBudget', key);
  if (budget === undefined) return;
  const pods = podsSelectedBy(cluster, budget);
  const disrupted = pendingDisruptions(budget, pods);
  const healthy = pods.filter(
    (pod) =>
      isPodReady(pod) &&
      isPodActive(pod) &&
      !(pod.metadata?.name && pod.metadata.name in disrupted),
  ).length;
  const { expected, desired } = countDesired(cluster, budget, pods);
  const allowed = expected > 0 ? Math.max(healthy - desired, 0) : 0;
  postStatus(cluster, budget, {
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
  });
}

/** Evictions granted whose pods have not begun to go yet. */
function pendingDisruptions(budget: Budget, pods: readonly Pod[]): Record<string, string> {
  const entries = Object.entries(budget.status?.disruptedPods ?? {}).filter(([name]) => {
    const pod = pods.find((item) => item.metadata?.name === name);
    return pod !== undefined && !pod.metadata?.deletionTimestamp;
  });
  return Object.fromEntries(entries);
}

/**
 * A count of `minAvailable` is about the pods there are; shares and `maxUnavailable` about those
 * wanted.
 */
function countDesired(
  cluster: Cluster,
  budget: Budget,
  pods: readonly Pod[],
): { expected: number; desired: number } {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable };
  const workloads = new Set(pods.map((pod) => runtimeOf(cluster, pod).workload));
  let expected = 0;
  for (const key of workloads)
    expected += findObject(cluster, 'Deployment', key)?.spec?.replicas ?? 0;
  if (maxUnavailable !== undefined) {
    return {
      expected,
      desired: Math.max(expected - resolveShare(maxUnavailable, expected, 'up'), 0),
    };
  }
  return { expected, desired: resolveShare(minAvailable ?? 0, expected, 'up') };
}

type Counts = Required<
  Pick<BudgetStatus, 'disruptionsAllowed' | 'currentHealthy' | 'desiredHealthy' | 'expectedPods'>
> &
  Pick<BudgetStatus, 'disruptedPods'>;

function postStatus(cluster: Cluster, budget: Budget, counts: Counts): void {
  const isAllowed = counts.disruptionsAllowed > 0;
  const type = 'DisruptionAllowed';
  const status = isAllowed ? 'True' : 'False';
  const before = findCondition(budget.status?.conditions, type);
  const condition = {
    type,
    status,
    observedGeneration: budget.metadata?.generation ?? 1,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : nowText(cluster),
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  const observedGeneration = budget.metadata?.generation ?? 1;
  const after = { ...budget, status: { observedGeneration, ...counts, conditions: [condition] } };
  updateObject(cluster, budget, after, manager);
}

/**
 * The eviction subresource: deletes the pod if its budget allows; plain deletion ignores budgets.
 */
export function evictPod(
  cluster: Cluster,
  pod: Pod,
  options: { readonly manager: string; readonly dryRun: boolean },
): ApiResult<Status> {
  if (pod.metadata?.deletionTimestamp || !isPodActive(pod) || pod.status?.phase === 'Pending') {
    return grant(cluster, pod, options);
  }
  const budgets = [...objectsOf(cluster, 'PodDisruptionBudget').values()].filter(
    (budget) =>
      budget.metadata?.namespace === pod.metadata?.namespace &&
      matchesSelector(budget.spec?.selector, pod.metadata?.labels),
  );
  const [budget] = budgets;
  if (budgets.length > 1) return { ok: false, status: severalBudgets() };
  if (budget === undefined || isFreeOfBudget(pod, budget)) return grant(cluster, pod, options);
  const refusal = refusalOf(budget);
  if (refusal) return { ok: false, status: refusal };
  if (!options.dryRun) chargeBudget(cluster, budget, pod);
  return grant(cluster, pod, options);
}

/** A pod that is not ready may go when the budget is met without it. */
function isFreeOfBudget(pod: Pod, { spec, status }: Budget): boolean {
  if (isPodReady(pod)) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

function refusalOf({ metadata, status }: Budget): Status | undefined {
  const { disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 1)) {
    return evictionRefused(
      `The disruption budget ${metadata?.name} is still being processed by the server.`,
      10,
    );
  }
  if (disruptionsAllowed > 0) return undefined;
  return evictionRefused(
    `The disruption budget ${metadata?.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
  );
}

function chargeBudget(cluster: Cluster, budget: Budget, pod: Pod): void {
  const status = {
    ...(budget.status as BudgetStatus),
    disruptionsAllowed: (budget.status?.disruptionsAllowed ?? 1) - 1,
    disruptedPods: {
      ...budget.status?.disruptedPods,
      [pod.metadata?.name ?? '']: nowText(cluster),
    },
  };
  updateObject(cluster, budget, { ...budget, status }, 'kube-apiserver');
}

function grant(
  cluster: Cluster,
  pod: Pod,
  options: { readonly manager: string; readonly dryRun: boolean },
): ApiResult<Status> {
  if (!options.dryRun && !pod.metadata?.deletionTimestamp) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    deletePod(
      cluster,
      setPodCondition(cluster, pod, { condition, manager: 'kube-apiserver' }),
      options,
    );
  }
  return { ok: true, object: created() };
}
