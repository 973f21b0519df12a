import type { PodVitals } from '../cluster-view.ts';
import { objectKey } from './kinds.ts';
import { killForMemory, setAnswerTime } from './kubelet.ts';
import { isRunning } from './pod-runtime.ts';
import { type Cluster, findObject, type PodRuntime } from './state.ts';

/** Samples kept per pod: 30 s at one a second. */
const windowLength = 30;

/** The pods of a list of vitals that have a process, as long as neither list nor cluster change. */
export interface WatchedPods {
  readonly vitals: readonly PodVitals[];
  readonly version: number;
  /** Null where no process runs. */
  readonly runtimes: readonly (PodRuntime | null)[];
  /** Bytes at which the kernel kills; infinite where nobody knows the node. */
  readonly memoryLimitBytes: Float64Array;
}

/** Looks up the pods of a list of vitals, unless `before` is about the same. */
export function watchPods(
  cluster: Cluster,
  vitals: readonly PodVitals[],
  before: WatchedPods | null,
): WatchedPods {
  const { version, runtimes: known } = cluster.state;
  if (before?.vitals === vitals && before.version === version) return before;
  const memoryLimitBytes = new Float64Array(vitals.length).fill(Number.POSITIVE_INFINITY);
  const runtimes = vitals.map(({ uid }, i) => {
    const runtime = known.get(uid);
    if (runtime === undefined || !isRunning(cluster, runtime)) return null;
    const nodeBytes = cluster.setup.nodeSpecs.get(runtime.node)?.memoryBytes;
    memoryLimitBytes[i] = runtime.memoryLimitBytes || (nodeBytes ?? Number.POSITIVE_INFINITY);
    return runtime;
  });
  return { vitals, version, runtimes, memoryLimitBytes };
}

/**
 * Takes in what the data plane measured: kills for memory, probe outcomes to come, CPU for
 * autoscalers.
 */
export function takeVitals(cluster: Cluster, watched: WatchedPods): void {
  const { autoscalers, nowUs } = cluster.state;
  const { vitals, runtimes, memoryLimitBytes } = watched;
  const scaled = autoscalers.size === 0 ? undefined : scaledWorkloads(cluster);
  for (let i = 0; i < vitals.length; i += 1) {
    const runtime = runtimes[i];
    if (!runtime) continue;
    const { uid, cpuCores, memoryBytes, answerMs } = vitals[i] as PodVitals;
    if (memoryBytes >= (memoryLimitBytes[i] as number)) {
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
