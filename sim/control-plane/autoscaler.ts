import type { KindMap } from '../../core/observable/index.ts';
import { limitReplicas, stabilise } from './autoscaler-behaviour.ts';
import { findCondition } from './conditions-list.ts';
import { objectKey } from './kinds.ts';
import { ownedBy } from './object-index.ts';
import { podRequest } from './pod-runtime.ts';
import { isPodActive, isPodReady } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { type AutoscalerRuntime, type Cluster, findObject, setTimer } from './state.ts';
import { nowText, updateObject } from './store.ts';

type Autoscaler = KindMap['HorizontalPodAutoscaler'];
type Deployment = KindMap['Deployment'];
type Condition = NonNullable<NonNullable<Autoscaler['status']>['conditions']>[number];

const manager = 'kube-controller-manager';
const source = 'horizontal-pod-autoscaler';
const syncUs = 15_000_000;
/** CPU is averaged over this long. */
const metricWindowUs = 30_000_000;
/** A ratio this close to 1 asks for nothing. */
const tolerance = 0.1;

/** Starts the 15 s rhythm of an autoscaler that is new, and forgets one that is gone. */
export function watchAutoscaler(cluster: Cluster, key: string): void {
  const { autoscalers, nowUs } = cluster.state;
  const uid = findObject(cluster, 'HorizontalPodAutoscaler', key)?.metadata?.uid;
  if (uid === autoscalers.get(key)?.uid) return;
  autoscalers.delete(key);
  if (uid === undefined) return;
  autoscalers.set(key, { uid, recommendations: [], scalings: [] });
  setTimer(cluster, nowUs + syncUs, { kind: 'autoscale', key, uid });
}

/** One sync: measures, recommends, and scales within the behaviour's limits. */
export function syncAutoscaler(cluster: Cluster, key: string, uid: string): void {
  const autoscaler = findObject(cluster, 'HorizontalPodAutoscaler', key);
  const runtime = cluster.state.autoscalers.get(key);
  if (autoscaler?.spec === undefined || runtime?.uid !== uid) return;
  setTimer(cluster, cluster.state.nowUs + syncUs, { kind: 'autoscale', key, uid });
  const target = autoscaler.spec.scaleTargetRef;
  const workload = objectKey(autoscaler.metadata?.namespace, target.name);
  const deployment = findObject(cluster, 'Deployment', workload);
  if (deployment === undefined || target.kind !== 'Deployment') return;
  const current = deployment.spec?.replicas ?? 1;
  if (current === 0) return;
  const wanted = targetUtilization(autoscaler);
  if (wanted === undefined) return;
  const why = missingRequest(cluster, deployment);
  const measured = why === undefined ? measureCpu(cluster, deployment) : undefined;
  if (measured === undefined) {
    reportNoMetrics(cluster, autoscaler, { current, why: why ?? noMetrics });
    return;
  }
  const proposal = propose({ current, measured, wanted });
  const desired = decide(cluster, autoscaler, { runtime, current, proposal });
  if (desired !== current)
    scale(cluster, { autoscaler, deployment, runtime, desired, measured, wanted });
  postStatus(cluster, autoscaler, { current, desired, measured, proposal });
}

function targetUtilization({ spec }: Autoscaler): number | undefined {
  const metric = spec?.metrics?.find(({ resource }) => resource?.name === 'cpu');
  return spec?.metrics === undefined ? 80 : metric?.resource?.target.averageUtilization;
}

/** A utilization is a share of the requests: without all of them there is none. */
function missingRequest(cluster: Cluster, deployment: Deployment): string | undefined {
  for (const pod of podsOfDeployment(cluster, deployment)) {
    if (!isPodActive(pod)) continue;
    for (const { name, resources } of pod.spec?.containers ?? []) {
      if ((resources?.requests?.cpu ?? resources?.limits?.cpu) !== undefined) continue;
      return `missing request for cpu in container ${name} of Pod ${pod.metadata?.name}`;
    }
  }
  return undefined;
}

function podsOfDeployment(cluster: Cluster, deployment: Deployment): KindMap['Pod'][] {
  const sets = ownedBy(cluster, 'ReplicaSet', deployment.metadata?.uid);
  return sets.flatMap((set) => ownedBy(cluster, 'Pod', set.metadata?.uid));
}

interface Measurement {
  /** Percent of the requests. */
  readonly utilization: number;
  readonly averageCores: number;
  readonly readyPods: number;
  readonly missingPods: number;
}

/** Average over ready pods; undefined when none of them reported. */
function measureCpu(cluster: Cluster, deployment: Deployment): Measurement | undefined {
  let cores = 0;
  let requests = 0;
  let readyPods = 0;
  let missingPods = 0;
  for (const pod of podsOfDeployment(cluster, deployment)) {
    if (!isPodActive(pod)) continue;
    const used = isPodReady(pod) ? recentCores(cluster, pod.metadata?.uid ?? '') : undefined;
    const request = podRequest(pod, 'cpu');
    if (used === undefined || request === 0) {
      missingPods += 1;
      continue;
    }
    cores += used;
    requests += request;
    readyPods += 1;
  }
  if (readyPods === 0) return undefined;
  // Whole millicores and whole percent, as the controller reckons.
  const [usedMilli, requestedMilli] = [Math.round(cores * 1000), Math.round(requests * 1000)];
  return {
    utilization: Math.floor((usedMilli * 100) / requestedMilli),
    averageCores: cores / readyPods,
    readyPods,
    missingPods,
  };
}

function recentCores({ state }: Cluster, uid: string): number | undefined {
  const window = state.cpuWindows.get(uid);
  if (window === undefined) return undefined;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < window.cores.length; i += 1) {
    if ((window.atUs[i] as number) <= state.nowUs - metricWindowUs) continue;
    sum += window.cores[i] as number;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}

/**
 * Replicas that bring the utilization to its target; pods without metrics damp a scale-up as idle.
 */
function propose({
  current,
  measured,
  wanted,
}: {
  current: number;
  measured: Measurement;
  wanted: number;
}): number {
  const ratio = measured.utilization / wanted;
  const { readyPods, missingPods } = measured;
  if (missingPods === 0) {
    return Math.abs(ratio - 1) <= tolerance ? current : Math.ceil(ratio * readyPods);
  }
  const pods = readyPods + missingPods;
  const damped = ratio > 1 ? (ratio * readyPods) / pods : (ratio * readyPods + missingPods) / pods;
  if (Math.abs(damped - 1) <= tolerance || ratio > 1 !== damped > 1) return current;
  const proposal = Math.ceil(damped * pods);
  return ratio > 1 === proposal > current ? proposal : current;
}

function decide(
  cluster: Cluster,
  autoscaler: Autoscaler,
  { runtime, current, proposal }: { runtime: AutoscalerRuntime; current: number; proposal: number },
): number {
  const { minReplicas = 1, maxReplicas = 1 } = autoscaler.spec ?? {};
  if (current > maxReplicas) return maxReplicas;
  if (current < minReplicas) return minReplicas;
  const nowUs = cluster.state.nowUs;
  const { behavior } = autoscaler.spec ?? {};
  const stable = stabilise(runtime, { nowUs, current, proposal, behavior });
  const limited = limitReplicas(runtime, { nowUs, current, wanted: stable, behavior });
  return Math.min(Math.max(limited, minReplicas), maxReplicas);
}

interface Rescale {
  readonly autoscaler: Autoscaler;
  readonly deployment: Deployment;
  readonly runtime: AutoscalerRuntime;
  readonly desired: number;
  readonly measured: Measurement;
  readonly wanted: number;
}

function scale(
  cluster: Cluster,
  { autoscaler, deployment, runtime, desired, ...rest }: Rescale,
): void {
  const current = deployment.spec?.replicas ?? 1;
  const spec = { ...deployment.spec, replicas: desired } as NonNullable<Deployment['spec']>;
  updateObject(cluster, deployment, { ...deployment, spec }, manager);
  runtime.scalings.push({ atUs: cluster.state.nowUs, change: desired - current });
  const metric = `cpu resource utilization (percentage of request)`;
  const isHigh = rest.measured.utilization > rest.wanted;
  const reason = isHigh ? `${metric} above target` : 'All metrics below target';
  recordEvent(cluster, autoscaler, {
    type: 'Normal',
    reason: 'SuccessfulRescale',
    message: `New size: ${desired}; reason: ${reason}`,
    source,
  });
}

function postStatus(
  cluster: Cluster,
  autoscaler: Autoscaler,
  {
    current,
    desired,
    measured,
    proposal,
  }: { current: number; desired: number; measured: Measurement; proposal: number },
): void {
  const conditions = [
    condition(cluster, autoscaler, 'AbleToScale', [
      'True',
      desired === current ? 'ReadyForNewScale' : 'SucceededRescale',
      desired === current
        ? 'recommended size matches current size'
        : `the HPA controller was able to update the target scale to ${desired}`,
    ]),
    condition(cluster, autoscaler, 'ScalingActive', [
      'True',
      'ValidMetricFound',
      'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
    ]),
    condition(cluster, autoscaler, 'ScalingLimited', limitation(autoscaler, proposal)),
  ];
  const averageUtilization = measured.utilization;
  const averageValue = `${Math.round(measured.averageCores * 1000)}m`;
  const status = {
    ...autoscaler.status,
    ...(desired === current ? {} : { lastScaleTime: nowText(cluster) }),
    currentReplicas: current,
    desiredReplicas: desired,
    currentMetrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization, averageValue } },
      },
    ],
    conditions,
  };
  updateObject(cluster, autoscaler, { ...autoscaler, status }, manager);
}

/** Whether the bounds hold back what the metric asks for. */
function limitation({ spec }: Autoscaler, proposal: number): readonly [string, string, string] {
  const { minReplicas = 1, maxReplicas = 1 } = spec ?? {};
  if (proposal > maxReplicas) {
    const message = 'the desired replica count is more than the maximum replica count';
    return ['True', 'TooManyReplicas', message];
  }
  if (proposal < minReplicas) {
    const message = 'the desired replica count is less than the minimum replica count';
    return ['True', 'TooFewReplicas', message];
  }
  return ['False', 'DesiredWithinRange', 'the desired count is within the acceptable range'];
}

const noMetrics =
  'unable to get metrics for resource cpu: no metrics returned from resource metrics API';

function reportNoMetrics(
  cluster: Cluster,
  autoscaler: Autoscaler,
  { current, why }: { current: number; why: string },
): void {
  const reason = 'FailedGetResourceMetric';
  const text = `failed to get cpu utilization: ${why}`;
  recordEvent(cluster, autoscaler, { type: 'Warning', reason, message: text, source });
  const conditions = [
    condition(cluster, autoscaler, 'AbleToScale', [
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    ]),
    condition(cluster, autoscaler, 'ScalingActive', [
      'False',
      reason,
      `the HPA was unable to compute the replica count: ${text}`,
    ]),
  ];
  const before = autoscaler.status;
  const status = {
    ...before,
    currentReplicas: current,
    desiredReplicas: before?.desiredReplicas ?? 0,
    conditions,
  };
  updateObject(cluster, autoscaler, { ...autoscaler, status }, manager);
}

function condition(
  cluster: Cluster,
  autoscaler: Autoscaler,
  type: string,
  [status, reason, message]: readonly [string, string, string],
): Condition {
  const before = findCondition(autoscaler.status?.conditions, type);
  const lastTransitionTime =
    before?.status === status && before.lastTransitionTime
      ? before.lastTransitionTime
      : nowText(cluster);
  return { type, status, lastTransitionTime, reason, message };
}
