import type { KindMap } from '../../core/observable/index.ts';
import { onNode } from '../platform-components.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, type PodRuntime, setTimer } from './state.ts';
import type { TimerTask } from './timer-tasks.ts';

/** What failed is tried again after so long. */
const retryUs = 10_000_000;

type KubeletTask = Extract<TimerTask, { readonly uid: string; readonly epoch: number }>;

/**
 * Whether a kubelet's timer cannot be played because the kubelet or its container runtime is down.
 * A process that has started goes on to listen without either.
 */
export function isHeldUp(
  cluster: Cluster,
  [pod, runtime]: readonly [KindMap['Pod'], PodRuntime],
  task: KubeletTask,
): boolean {
  const { state } = cluster;
  if (state.down.size === 0 || task.kind === 'listen') return false;
  if (!state.nodes.get(runtime.node)?.kubeletUp) {
    if (task.kind === 'probe') runtime.probeArmed[task.probe] = false;
    return true;
  }
  if (task.kind === 'probe' || !state.down.has(onNode('container_runtime', runtime.node))) {
    return false;
  }
  setTimer(cluster, state.nowUs + retryUs, task);
  if (task.kind === 'start_container') reportSandbox(cluster, pod);
  return true;
}

function reportSandbox(cluster: Cluster, pod: KindMap['Pod']): void {
  recordEvent(cluster, pod, {
    type: 'Warning',
    reason: 'FailedCreatePodSandBox',
    message:
      'Failed to create pod sandbox: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    source: 'kubelet',
    host: pod.spec?.nodeName ?? '',
  });
}
