import type { KindMap } from '../../core/observable/index.ts';
import { commandUs, runCommand } from './container-command.ts';
import { postPodStatus } from './pod-status.ts';
import { type Cluster, type PodRuntime, setTimer } from './state.ts';

type Pod = KindMap['Pod'];

/** A pod that is restarted whatever its containers return never ends by itself. */
export function armCompletion(cluster: Cluster, pod: Pod, { uid, epoch }: PodRuntime): void {
  if ((pod.spec?.restartPolicy ?? 'Always') === 'Always') return;
  const atUs = cluster.state.nowUs + commandUs(cluster, pod);
  setTimer(cluster, atUs, { kind: 'finish_container', uid, epoch });
}

/**
 * Lets the container's command end; a failed one is to be restarted if the pod's policy says so.
 */
export function completeContainer(
  cluster: Cluster,
  pod: Pod,
  runtime: PodRuntime,
): 'restart' | 'finished' {
  const exitCode = runCommand(cluster, pod);
  if (exitCode !== 0 && pod.spec?.restartPolicy === 'OnFailure') return 'restart';
  finishPod(cluster, runtime, exitCode);
  return 'finished';
}

/** Ends a pod for good: its containers ended with this code and do not start again. */
export function finishPod(cluster: Cluster, runtime: PodRuntime, exitCode: number): void {
  runtime.phase = 'finished';
  runtime.epoch += 1;
  runtime.listening = false;
  runtime.ready = false;
  runtime.isAttached = false;
  runtime.lastTermination = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAtUs: runtime.processStartedUs,
    finishedAtUs: cluster.state.nowUs,
  };
  postPodStatus(cluster, runtime);
}
