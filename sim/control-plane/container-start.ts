/** The kubelet's way from a bound pod to running containers, and what holds it up. */
import type { KindMap } from '../../core/observable/index.ts';
import { nextBackOffUs } from './back-off.ts';
import { initOutcome } from './init-containers.ts';
import { postPodStatus } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { containerObstacle, type Obstacle, volumeObstacle } from './start-obstacles.ts';
import { type Cluster, type PodRuntime, setTimer } from './state.ts';

type Pod = KindMap['Pod'];
type Container = NonNullable<Pod['spec']>['containers'][number];

/** Failed pulls and failed init containers. */
const pullBackOff = { firstUs: 10_000_000, longestUs: 300_000_000 };
/** A failed pull shows as such until the kubelet looks at the pod again. */
const pullErrorShownUs = 2_000_000;
const configRetryUs = 12_000_000;
const mountBackOff = { firstUs: 500_000, longestUs: 122_000_000 };
const initUs = 1_000_000;
const initPollUs = 2_000_000;

/**
 * Mounts volumes, runs init containers, pulls images and reads settings, as far as it gets; `held`
 * when something is missing, to be tried again by a timer.
 */
export function prepareContainers(
  cluster: Cluster,
  pod: Pod,
  runtime: PodRuntime,
): 'ready' | 'held' {
  const volumes = volumeObstacle(cluster, pod);
  if (volumes) return hold(cluster, pod, { runtime, obstacle: volumes });
  runtime.isAttached = true;
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const next = initContainers[runtime.initDone];
  if (next) {
    const obstacle = containerObstacle(cluster, pod, next);
    if (obstacle) return hold(cluster, pod, { runtime, obstacle });
    return runInit(cluster, pod, { runtime, container: next });
  }
  for (const container of containers) {
    const obstacle = containerObstacle(cluster, pod, container);
    if (obstacle) return hold(cluster, pod, { runtime, obstacle });
  }
  runtime.hold = null;
  runtime.holdBackOffUs = 0;
  return 'ready';
}

interface Hold {
  readonly runtime: PodRuntime;
  readonly obstacle: Obstacle;
}

function hold(cluster: Cluster, pod: Pod, { runtime, obstacle }: Hold): 'held' {
  switch (obstacle.kind) {
    case 'volume':
      holdForVolume(cluster, pod, { runtime, obstacle });
      break;
    case 'image':
      holdForImage(cluster, pod, { runtime, obstacle });
      break;
    case 'config': {
      const { container, message } = obstacle;
      const why = message.replace('Error: ', '');
      runtime.hold = { container, reason: 'CreateContainerConfigError', message: why };
      report(cluster, pod, { ...obstacle, type: 'Warning' });
      retryIn(cluster, runtime, configRetryUs);
      break;
    }
  }
  postPodStatus(cluster, runtime);
  return 'held';
}

function holdForVolume(cluster: Cluster, pod: Pod, { runtime, obstacle }: Hold): void {
  runtime.hold = { container: '', reason: 'ContainerCreating', message: '' };
  runtime.holdBackOffUs = nextBackOffUs(runtime.holdBackOffUs, mountBackOff);
  report(cluster, pod, { ...obstacle, type: 'Warning' });
  retryIn(cluster, runtime, runtime.holdBackOffUs);
}

/** A failed pull, then waiting for the next one. */
function holdForImage(cluster: Cluster, pod: Pod, { runtime, obstacle }: Hold): void {
  const { container, message } = obstacle;
  const image = imageOf(pod, container);
  if (runtime.hold?.reason === 'ErrImagePull' && runtime.hold.container === container) {
    const text = `Back-off pulling image "${image}"`;
    runtime.hold = { container, reason: 'ImagePullBackOff', message: text };
    report(cluster, pod, { container, reason: 'BackOff', type: 'Normal', message: text });
    const error = 'Error: ImagePullBackOff';
    report(cluster, pod, { container, reason: 'Failed', type: 'Warning', message: error });
    retryIn(cluster, runtime, runtime.holdBackOffUs - pullErrorShownUs);
    return;
  }
  runtime.holdBackOffUs = nextBackOffUs(runtime.holdBackOffUs, pullBackOff);
  runtime.hold = { container, reason: 'ErrImagePull', message: message.replace(/^[^:]*: /, '') };
  const pulling = `Pulling image "${image}"`;
  report(cluster, pod, { container, reason: 'Pulling', type: 'Normal', message: pulling });
  report(cluster, pod, { ...obstacle, type: 'Warning' });
  const error = 'Error: ErrImagePull';
  report(cluster, pod, { container, reason: 'Failed', type: 'Warning', message: error });
  retryIn(cluster, runtime, pullErrorShownUs);
}

function imageOf(pod: Pod, name: string): string {
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return all.find((container) => container.name === name)?.image ?? '';
}

function runInit(
  cluster: Cluster,
  pod: Pod,
  { runtime, container }: { runtime: PodRuntime; container: Container },
): 'held' {
  const { name } = container;
  const outcome = initOutcome(cluster, pod, container);
  if (outcome === 'waits') {
    if (runtime.hold?.reason !== 'InitRunning') {
      report(cluster, pod, {
        container: name,
        reason: 'Started',
        message: `Started container ${name}`,
      });
    }
    runtime.hold = { container: name, reason: 'InitRunning', message: '' };
    retryIn(cluster, runtime, initPollUs);
  } else if (outcome === 'done') {
    runtime.initDone += 1;
    runtime.hold = { container: name, reason: 'PodInitializing', message: '' };
    runtime.holdBackOffUs = 0;
    retryIn(cluster, runtime, initUs);
  } else {
    runtime.holdBackOffUs = nextBackOffUs(runtime.holdBackOffUs, pullBackOff);
    const { name: podName, namespace, uid } = pod.metadata ?? {};
    const of = `${name} in pod ${podName}_${namespace}(${uid})`;
    const message = `Back-off restarting failed container ${of}`;
    runtime.hold = { container: name, reason: 'CrashLoopBackOff', message };
    report(cluster, pod, { container: name, reason: 'BackOff', type: 'Warning', message });
    retryIn(cluster, runtime, runtime.holdBackOffUs);
  }
  postPodStatus(cluster, runtime);
  return 'held';
}

function retryIn(cluster: Cluster, { uid, epoch }: PodRuntime, waitUs: number): void {
  setTimer(cluster, cluster.state.nowUs + waitUs, { kind: 'start_container', uid, epoch });
}

function report(
  cluster: Cluster,
  pod: Pod,
  what: { container: string; reason: string; message: string; type?: 'Normal' | 'Warning' },
): void {
  const { container, reason, message, type = 'Normal' } = what;
  const isAttach = reason === 'FailedAttachVolume';
  recordEvent(cluster, pod, {
    type,
    reason,
    message,
    source: isAttach ? 'attachdetach-controller' : 'kubelet',
    ...(isAttach ? {} : { host: pod.spec?.nodeName ?? '' }),
    ...(container === '' ? {} : { fieldPath: `spec.containers{${container}}` }),
  });
}
