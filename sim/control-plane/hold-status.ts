/** How a pod shows what its containers wait for. */
import type { KindMap } from '../../core/observable/index.ts';
import type { PodRuntime } from './state.ts';

type Pod = KindMap['Pod'];
type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
type ContainerState = NonNullable<ContainerStatus['state']>;

/** Init containers are still at work, or have not begun. */
export function isInitialising(pod: Pod, { initDone, phase }: PodRuntime): boolean {
  const isEarly = phase === 'unbound' || phase === 'pulling';
  return isEarly && initDone < (pod.spec?.initContainers?.length ?? 0);
}

/** The state of a container while the kubelet cannot start the pod. */
export function heldState(pod: Pod, runtime: PodRuntime, container: string): ContainerState {
  const { hold } = runtime;
  if (isInitialising(pod, runtime)) return { waiting: { reason: 'PodInitializing' } };
  if (hold?.container !== container || hold.reason === 'PodInitializing') {
    return { waiting: { reason: 'ContainerCreating' } };
  }
  const { reason, message } = hold;
  return { waiting: { reason, ...(message === '' ? {} : { message }) } };
}

/** One status per init container: those before have ended, one is at work, the others wait. */
export function initStatuses(pod: Pod, runtime: PodRuntime): ContainerStatus[] {
  return (pod.spec?.initContainers ?? []).map(({ name, image = '' }, index) => {
    const isDone = index < runtime.initDone;
    return {
      name,
      state: isDone
        ? { terminated: { exitCode: 0, reason: 'Completed' } }
        : initState(runtime, name),
      lastState: {},
      ready: isDone,
      restartCount: 0,
      image,
      imageID: '',
    };
  });
}

function initState({ hold }: PodRuntime, name: string): ContainerState {
  if (hold?.container !== name) return { waiting: { reason: 'PodInitializing' } };
  if (hold.reason === 'InitRunning') return { running: {} };
  const { reason, message } = hold;
  return { waiting: { reason, ...(message === '' ? {} : { message }) } };
}
