import type { KindMap } from '../../core/observable/index.ts';
import { formatInstant } from '../../core/tools/index.ts';
import { findCondition, withCondition } from './conditions-list.ts';
import { heldState, initStatuses, isInitialising } from './hold-status.ts';
import { noteRuntime } from './pod-log.ts';
import { runtimeOf } from './pod-runtime.ts';
import { type Cluster, findObject, type PodRuntime } from './state.ts';
import { nowText, updateObject } from './store.ts';

type Pod = KindMap['Pod'];
type PodStatus = NonNullable<Pod['status']>;
type PodCondition = NonNullable<PodStatus['conditions']>[number];
type ContainerStatus = NonNullable<PodStatus['containerStatuses']>[number];
type ContainerState = NonNullable<ContainerStatus['state']>;

/** Writes what the kubelet knows of a pod into its status. */
export function postPodStatus(cluster: Cluster, runtime: PodRuntime): void {
  noteRuntime(cluster, runtime);
  const pod = findObject(cluster, 'Pod', runtime.key);
  if (pod?.metadata?.uid !== runtime.uid) return;
  updateObject(cluster, pod, { ...pod, status: renderStatus(cluster, pod, runtime) }, 'kubelet');
}

function renderStatus(cluster: Cluster, pod: Pod, runtime: PodRuntime): PodStatus {
  const containers = pod.spec?.containers ?? [];
  const node = cluster.state.nodes.get(runtime.node);
  const hasStarted =
    runtime.phase === 'running' || runtime.phase === 'stopping' || runtime.lastTermination !== null;
  const unready = `containers with unready status: [${containers.map(({ name }) => name).join(' ')}]`;
  const readiness = runtime.ready
    ? { status: 'True' }
    : { status: 'False', reason: 'ContainersNotReady', message: unready };
  let conditions: PodCondition[] = pod.status?.conditions ?? [];
  for (const [type, fields] of [
    ['Initialized', initialised(pod, runtime)],
    ['Ready', readiness],
    ['ContainersReady', readiness],
    ['PodScheduled', { status: 'True' }],
  ] as const) {
    conditions = withCondition(conditions, {
      type,
      ...fields,
      lastTransitionTime: nowText(cluster),
    });
  }
  const address =
    pod.status?.podIP ?? (hasStarted && node ? nextAddress(cluster, node.name) : undefined);
  return {
    ...pod.status,
    phase: phaseOf(runtime, hasStarted),
    conditions,
    ...(pod.status?.startTime === undefined ? { startTime: nowText(cluster) } : {}),
    ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
    ...(pod.spec?.initContainers ? { initContainerStatuses: initStatuses(pod, runtime) } : {}),
    containerStatuses: containers.map((container) => renderContainer(pod, runtime, container)),
  };
}

function initialised(pod: Pod, runtime: PodRuntime): Omit<PodCondition, 'type'> {
  if (!isInitialising(pod, runtime)) return { status: 'True' };
  const waiting = (pod.spec?.initContainers ?? []).slice(runtime.initDone).map(({ name }) => name);
  const message = `containers with incomplete status: [${waiting.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

function phaseOf({ phase, lastTermination }: PodRuntime, hasStarted: boolean): string {
  if (phase === 'finished') return lastTermination?.exitCode === 0 ? 'Succeeded' : 'Failed';
  return hasStarted ? 'Running' : 'Pending';
}

function nextAddress({ state }: Cluster, nodeName: string): string {
  const index = [...state.nodes.keys()].indexOf(nodeName) + 1;
  const node = state.nodes.get(nodeName);
  if (node) node.podAddresses += 1;
  const number = (node?.podAddresses ?? 0) + 1;
  return `10.${244 + (index >>> 8)}.${index & 255}.${(number % 250) + 2}`;
}

function renderContainer(
  pod: Pod,
  runtime: PodRuntime,
  container: { readonly name: string; readonly image?: string },
): ContainerStatus {
  const image = container.image ?? '';
  if (runtime.phase === 'waiting' && runtime.failing !== null && runtime.failing !== container.name)
    return runningBeside(runtime, container.name, image);
  const isRunning = runtime.phase === 'running' || runtime.phase === 'stopping';
  const isBetween = runtime.phase === 'waiting' && runtime.backOffUs <= 0;
  const showsEnd = !isBetween && runtime.phase !== 'finished';
  return {
    name: container.name,
    state: containerState(pod, runtime, container.name),
    lastState: runtime.lastTermination && showsEnd ? { terminated: terminatedState(runtime) } : {},
    ready: runtime.ready,
    restartCount: runtime.restartCount,
    image,
    imageID: '',
    started: isRunning && runtime.started,
  };
}

/** A container that runs on while another one of its pod is down. */
function runningBeside(runtime: PodRuntime, name: string, image: string): ContainerStatus {
  const startedAt = formatInstant(runtime.processStartedUs / 1000);
  const state = { running: { startedAt } };
  return {
    name,
    state,
    lastState: {},
    ready: true,
    restartCount: 0,
    image,
    imageID: '',
    started: true,
  };
}

function containerState(pod: Pod, runtime: PodRuntime, container: string): ContainerState {
  if (runtime.phase === 'running' || runtime.phase === 'stopping') {
    return { running: { startedAt: formatInstant(runtime.processStartedUs / 1000) } };
  }
  if (runtime.hold || isInitialising(pod, runtime)) return heldState(pod, runtime, container);
  if (runtime.phase === 'finished') return { terminated: terminatedState(runtime) };
  if (runtime.phase !== 'waiting') return { waiting: { reason: 'ContainerCreating' } };
  if (runtime.backOffUs <= 0) return { terminated: terminatedState(runtime) };
  const { name, namespace, uid } = pod.metadata ?? {};
  const seconds = runtime.backOffUs / 1_000_000;
  const wait = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return {
    waiting: {
      reason: 'CrashLoopBackOff',
      message: `back-off ${wait} restarting failed container=${container} pod=${name}_${namespace}(${uid})`,
    },
  };
}

function terminatedState({
  lastTermination,
}: PodRuntime): NonNullable<ContainerState['terminated']> {
  const { exitCode = 0, reason = '', startedAtUs = 0, finishedAtUs = 0 } = lastTermination ?? {};
  return {
    exitCode,
    reason,
    startedAt: formatInstant(startedAtUs / 1000),
    finishedAt: formatInstant(finishedAtUs / 1000),
  };
}

/** Sets one condition of a pod on behalf of a controller; true when that changed the status. */
export function setPodCondition(
  cluster: Cluster,
  pod: Pod,
  options: { condition: Omit<PodCondition, 'lastTransitionTime'>; manager: string },
): Pod {
  const condition = { ...options.condition, lastTransitionTime: nowText(cluster) };
  const conditions = withCondition(pod.status?.conditions, condition);
  return updateObject(
    cluster,
    pod,
    { ...pod, status: { ...pod.status, conditions } },
    options.manager,
  );
}

/** Condition Ready, which node lifecycle may have taken back. */
export function isPodReady(pod: Pod): boolean {
  return findCondition(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** Since when it is ready, as RFC 3339 text; empty when it is not. */
export function readySince(pod: Pod): string {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  return ready?.status === 'True' ? (ready.lastTransitionTime ?? '') : '';
}

/** All its containers have ended for good; it holds no resources any more. */
export function isPodFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Neither finished nor on its way out. */
export function isPodActive(pod: Pod): boolean {
  return !pod.metadata?.deletionTimestamp && !isPodFinished(pod);
}

/** How many times its containers were restarted, the most restarted one counting. */
export function restartsOf(cluster: Cluster, pod: Pod): number {
  return runtimeOf(cluster, pod).restartCount;
}
