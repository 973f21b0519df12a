import type { KindMap } from '../../core/observable/index.ts';
import { finishPod } from './pod-completion.ts';
import { runtimeOf } from './pod-runtime.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject } from './state.ts';
import { updateObject } from './store.ts';

const gibibyte = 1_073_741_824;
/** What a node's disk holds. */
const diskBytes = 100 * gibibyte;
/** Images and logs of a node fill about half of its disk; this much (percent) is left. */
export const freePercent = 45;
/** Of a process that was sent SIGKILL. */
const killedExitCode = 137;

/** Ends a pod for good on behalf of its node; the object stays behind as Failed. */
export function evictForPressure(
  cluster: Cluster,
  pod: KindMap['Pod'],
  thresholdPercent: number,
): void {
  const bytesOf = (percent: number): number => Math.round((diskBytes * percent) / 100);
  const message = `The node was low on resource: ephemeral-storage. Threshold quantity: ${bytesOf(thresholdPercent)}, available: ${bytesOf(freePercent)}. `;
  recordEvent(cluster, pod, {
    type: 'Warning',
    reason: 'Evicted',
    message,
    source: 'kubelet',
    host: pod.spec?.nodeName ?? '',
  });
  const runtime = runtimeOf(cluster, pod);
  finishPod(cluster, runtime, killedExitCode);
  const after = findObject(cluster, 'Pod', runtime.key);
  if (after === undefined) return;
  const status = { ...after.status, reason: 'Evicted', message };
  updateObject(cluster, after, { ...after, status }, 'kubelet');
}
