import type { PodVitals } from '../cluster-view.ts';
import { objectKey } from './kinds.ts';
import { killForMemory, setAnswerTime } from './kubelet.ts';
import { PodLogReader } from './pod-log.ts';
import { hasPowerEverywhere, isRunning, runtimeOf } from './pod-runtime.ts';
import { type Cluster, findObject, type PodRuntime } from './state.ts';

/** Samples kept per pod: 30 s at one a second. */
const windowLength = 30;

/** The pods of a list of vital signs, and which of them have a process. */
export class WatchedPods {
  readonly vitals: readonly PodVitals[];
  /** What is known of each pod. */
  readonly runtimes: readonly (PodRuntime | undefined)[];
  /** 1 where a process runs. */
  readonly isRunning: Uint8Array;
  /** Bytes at which the kernel kills; infinite where nobody knows the node. */
  readonly memoryLimitBytes: Float64Array;
  #version = -1;
  readonly #reader: PodLogReader;
  #hasPower = false;

  /** A list after `before`, which shares the entries of pods that were there already. */
  constructor(cluster: Cluster, vitals: readonly PodVitals[], before: WatchedPods | null) {
    this.vitals = vitals;
    this.isRunning = new Uint8Array(vitals.length);
    this.memoryLimitBytes = new Float64Array(vitals.length);
    const numbers = before === null ? null : findEntries(vitals, before.vitals);
    this.runtimes = vitals.map((entry, i) => {
      const at = numbers === null ? -1 : (numbers[i] as number);
      return at < 0 ? cluster.state.runtimes.get(entry.uid) : before?.runtimes[at];
    });
    this.#reader = new PodLogReader(before === null ? null : before.#reader);
    if (before === null || numbers === null) return;
    this.#hasPower = before.#hasPower;
    for (let i = 0; i < vitals.length; i += 1) {
      const at = numbers[i] as number;
      if (at < 0) this.#look(cluster, i);
      else {
        this.isRunning[i] = before.isRunning[at] as number;
        this.memoryLimitBytes[i] = before.memoryLimitBytes[at] as number;
      }
    }
  }

  /** Looks which processes run now. */
  follow(cluster: Cluster): void {
    const { version } = cluster.state;
    if (version === this.#version) return;
    this.#version = version;
    const changed = this.#reader.changed(cluster);
    const hadPower = this.#hasPower;
    this.#hasPower = hasPowerEverywhere(cluster);
    if (changed !== null && hadPower && this.#hasPower) {
      for (const key of changed) {
        const i = this.#numberOf(cluster, key);
        if (i >= 0) this.#look(cluster, i);
      }
    } else for (let i = 0; i < this.vitals.length; i += 1) this.#look(cluster, i);
  }

  /** The number of a pod in the list; −1: it is not there, or gone from the cluster. */
  #numberOf(cluster: Cluster, key: string): number {
    const pod = findObject(cluster, 'Pod', key);
    return pod ? this.runtimes.indexOf(runtimeOf(cluster, pod)) : -1;
  }

  #look(cluster: Cluster, i: number): void {
    const runtime = this.runtimes[i];
    if (runtime === undefined) return;
    this.isRunning[i] = isRunning(cluster, runtime) ? 1 : 0;
    const nodeBytes = cluster.setup.nodeSpecs.get(runtime.node)?.memoryBytes;
    this.memoryLimitBytes[i] = runtime.memoryLimitBytes || (nodeBytes ?? Number.POSITIVE_INFINITY);
  }
}

/** Which number each entry has in an earlier list, as far as the order is the same; −1: none. */
function findEntries(now: readonly PodVitals[], earlier: readonly PodVitals[]): Int32Array {
  const numbers = new Int32Array(now.length).fill(-1);
  let next = 0;
  for (let i = 0; i < now.length && next < earlier.length; i += 1) {
    const entry = now[i] as PodVitals;
    const at = earlier[next] === entry ? next : earlier.indexOf(entry, next);
    numbers[i] = at;
    if (at >= 0) next = at + 1;
  }
  return numbers;
}

/**
 * Takes in what the data plane measured: kills for memory, probe outcomes to come, CPU for
 * autoscalers.
 */
export function takeVitals(cluster: Cluster, watched: WatchedPods): void {
  const { autoscalers, nowUs } = cluster.state;
  const { vitals, runtimes, isRunning, memoryLimitBytes } = watched;
  const scaled = autoscalers.size === 0 ? undefined : scaledWorkloads(cluster);
  for (let i = 0; i < vitals.length; i += 1) {
    if (isRunning[i] === 0) continue;
    const runtime = runtimes[i] as PodRuntime;
    // Of a pod that has gone since its list was made.
    if (runtime.phase === 'finished') continue;
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
