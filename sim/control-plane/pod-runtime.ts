import type { KindMap } from '../../core/observable/index.ts';
import { parseQuantity } from '../../core/tools/index.ts';
import { objectKey } from './kinds.ts';
import { type Cluster, findObject, type PodRuntime } from './state.ts';

type Pod = KindMap['Pod'];

/** The limit of the first container, in which the modelled process runs; undefined without one. */
export function processLimit({ spec }: Pod, resource: 'cpu' | 'memory'): number | undefined {
  const limit = spec?.containers[0]?.resources?.limits?.[resource];
  return limit === undefined ? undefined : parseQuantity(limit);
}

/** Sum over the pod's containers of a limit, or undefined when one of them has none. */
export function podLimit(pod: Pod, resource: 'cpu' | 'memory'): number | undefined {
  let total = 0;
  for (const container of pod.spec?.containers ?? []) {
    const limit = container.resources?.limits?.[resource];
    if (limit === undefined) return undefined;
    total += parseQuantity(limit);
  }
  return total;
}

interface Reserved {
  readonly cpu: number;
  readonly memory: number;
}

/** By pod specs, which never change once made. */
const reserved = new WeakMap<object, Reserved>();

/**
 * What the scheduler reserves: the containers' sum, or the largest init container if that is more.
 */
export function podRequest({ spec }: Pod, resource: 'cpu' | 'memory'): number {
  if (spec === undefined) return 0;
  let known = reserved.get(spec);
  if (known === undefined) {
    known = { cpu: addUpRequests(spec, 'cpu'), memory: addUpRequests(spec, 'memory') };
    reserved.set(spec, known);
  }
  return known[resource];
}

/** Takes over what a spec asks for: binding changes only where it runs. */
export function keepRequest(before: Pod['spec'], after: NonNullable<Pod['spec']>): void {
  const known = before && reserved.get(before);
  if (known) reserved.set(after, known);
}

function addUpRequests(spec: NonNullable<Pod['spec']>, resource: 'cpu' | 'memory'): number {
  const requestOf = (container: (typeof spec)['containers'][number]): number =>
    parseQuantity(
      container.resources?.requests?.[resource] ?? container.resources?.limits?.[resource] ?? 0,
    );
  const sum = spec.containers.reduce((total, item) => total + requestOf(item), 0);
  return (spec.initContainers ?? []).reduce((most, item) => Math.max(most, requestOf(item)), sum);
}

/** `namespace/deployment` of a pod, through its ReplicaSet; empty when it has none. */
function workloadOf(cluster: Cluster, pod: Pod): string {
  const owner = pod.metadata?.ownerReferences?.find((reference) => reference.controller);
  if (owner?.kind !== 'ReplicaSet') return '';
  const namespace = pod.metadata?.namespace;
  const replicaSet = findObject(cluster, 'ReplicaSet', objectKey(namespace, owner.name));
  const deployment = replicaSet?.metadata?.ownerReferences?.find(
    (reference) => reference.controller,
  );
  return deployment?.kind === 'Deployment' ? objectKey(namespace, deployment.name) : '';
}

/** Starts the book-keeping of a pod that was just created. */
export function registerPod(cluster: Cluster, pod: Pod): void {
  const { runtimes, ordinals } = cluster.state;
  const workload = workloadOf(cluster, pod);
  const ordinal = ordinals.get(workload) ?? 0;
  ordinals.set(workload, ordinal + 1);
  const runtime: PodRuntime = {
    uid: pod.metadata?.uid as string,
    key: objectKey(pod.metadata?.namespace, pod.metadata?.name ?? ''),
    workload,
    ordinal,
    memoryLimitBytes: processLimit(pod, 'memory') ?? 0,
    node: '',
    phase: 'unbound',
    epoch: 0,
    revision: 0,
    processStartedUs: 0,
    listening: false,
    started: false,
    ready: false,
    answerMs: 0,
    inEndpoints: false,
    restartCount: 0,
    backOffUs: -1,
    lastTermination: null,
    failing: null,
    lastWords: null,
    hold: null,
    holdBackOffUs: 0,
    initDone: 0,
    isAttached: false,
    settings: null,
    probeRuns: { startup: 0, readiness: 0, liveness: 0 },
    probeArmed: { startup: false, readiness: false, liveness: false },
  };
  runtimes.set(runtime.uid, runtime);
}

export function forgetPod({ state }: Cluster, pod: Pod): void {
  const uid = pod.metadata?.uid as string;
  // A Recreate rollout waits for the last old pod, which its ReplicaSet's status does not show.
  const runtime = state.runtimes.get(uid);
  if (runtime?.workload) state.dirty.deployments.add(runtime.workload);
  // Lists of vital signs still hold it until the next one is made.
  if (runtime) runtime.phase = 'finished';
  state.runtimes.delete(uid);
  state.unusualPods.delete(uid);
  state.evictions.delete(uid);
  state.cpuWindows.delete(uid);
}

export function runtimeOf({ state }: Cluster, pod: Pod): PodRuntime {
  return state.runtimes.get(pod.metadata?.uid as string) as PodRuntime;
}

/** A process exists and its node has power. */
export function isRunning({ state }: Cluster, runtime: PodRuntime): boolean {
  const hasProcess = runtime.phase === 'running' || runtime.phase === 'stopping';
  return hasProcess && (state.nodes.get(runtime.node)?.powered ?? false);
}

/** Whether every node there should be has power. */
export function hasPowerEverywhere({ setup, state }: Cluster): boolean {
  if (state.nodes.size !== setup.nodeSpecs.size) return false;
  for (const { powered } of state.nodes.values()) if (!powered) return false;
  return true;
}
