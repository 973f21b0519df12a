import type { PodVitals } from '../cluster-view.ts';
import { objectKey } from './kinds.ts';
import { killForMemory, setAnswerTime } from './kubelet.ts';
import { isRunning } from './pod-runtime.ts';
import { type Cluster, findObject } from './state.ts';

/** Samples kept per pod: 30 s at one a second. */
const windowLength = 30;

/**
 * Takes in what the data plane measured: kills for memory, probe outcomes to come, CPU for
 * autoscalers.
 */
export function takeVitals(cluster: Cluster, vitals: readonly PodVitals[]): void {
  const { runtimes, autoscalers, nowUs } = cluster.state;
  const scaled = autoscalers.size === 0 ? undefined : scaledWorkloads(cluster);
  for (const { uid, cpuCores, memoryBytes, answerMs } of vitals) {
    const runtime = runtimes.get(uid);
    if (runtime === undefined || !isRunning(cluster, runtime)) continue;
    const limit =
      runtime.memoryLimitBytes || cluster.setup.nodeSpecs.get(runtime.node)?.memoryBytes;
    if (limit !== undefined && memoryBytes >= limit) {
      killForMemory(cluster, runtime, memoryBytes);
      continue;
    }
    if (runtime.listening) setAnswerTime(cluster, runtime, answerMs);
    if (scaled?.has(runtime.workload)) keepCpu(cluster, { uid, cpuCores, nowUs });
  }
}

function scaledWorkloads(cluster: Cluster): Set<string> {
  const workloads = new Set<string>();
  for (const key of cluster.state.autoscalers.keys()) {
    const autoscaler = findObject(cluster, 'HorizontalPodAutoscaler', key);
    const { name = '' } = autoscaler?.spec?.scaleTargetRef ?? {};
    workloads.add(objectKey(autoscaler?.metadata?.namespace, name));
  }
  return workloads;
}

function keepCpu(
  { state }: Cluster,
  { uid, cpuCores, nowUs }: { uid: string; cpuCores: number; nowUs: number },
): void {
  const window = state.cpuWindows.get(uid) ?? { atUs: [], cores: [], next: 0 };
  window.atUs[window.next] = nowUs;
  window.cores[window.next] = cpuCores;
  window.next = (window.next + 1) % windowLength;
  state.cpuWindows.set(uid, window);
}
