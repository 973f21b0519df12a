import type { KindMap } from '../../core/observable/index.ts';
import { nextBackOffUs } from './back-off.ts';
import { reportContainer, reportContainers, reportPulled } from './container-events.ts';
import { prepareContainers } from './container-start.ts';
import { isHeldUp } from './held-tasks.ts';
import { armCompletion, completeContainer } from './pod-completion.ts';
import { noteRuntime } from './pod-log.ts';
import { runtimeOf } from './pod-runtime.ts';
import { postPodStatus } from './pod-status.ts';
import { armProbe, hasProbe, runProbe, shortestTimeoutMs } from './probes.ts';
import { earlyEnd, noteSettings } from './process-start.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, type PodRuntime, setTimer } from './state.ts';
import { dropObject } from './store.ts';
import type { EarlyEnd, TimerTask } from './timer-tasks.ts';

type Pod = KindMap['Pod'];

const podStartUs = 1_500_000;
const containerRestartUs = 500_000;
const defaultStartupUs = 1_000_000;
/** How long a process takes to end when asked to, unless its grace period is shorter. */
const stopUs = 5_000_000;
const restartBackOff = { firstUs: 10_000_000, longestUs: 300_000_000 };
/** A container that ran this long starts over with its back-off. */
const backOffResetUs = 600_000_000;

/** Brings the pod's processes in line with its API object; does nothing on a node without power. */
export function syncPod(cluster: Cluster, key: string): void {
  const pod = findObject(cluster, 'Pod', key);
  const nodeName = pod?.spec?.nodeName;
  if (pod === undefined || !nodeName) return;
  const runtime = runtimeOf(cluster, pod);
  runtime.node = nodeName;
  const node = cluster.state.nodes.get(nodeName);
  if (!node?.powered || !node.kubeletUp) return;
  if (pod.metadata?.deletionTimestamp) stopPod(cluster, pod, runtime);
  else if (runtime.phase === 'unbound') createContainer(cluster, runtime);
}

function createContainer(cluster: Cluster, runtime: PodRuntime): void {
  runtime.phase = 'pulling';
  runtime.epoch += 1;
  setTimer(cluster, cluster.state.nowUs + podStartUs, {
    kind: 'start_container',
    uid: runtime.uid,
    epoch: runtime.epoch,
  });
  postPodStatus(cluster, runtime);
}

function stopPod(cluster: Cluster, pod: Pod, runtime: PodRuntime): void {
  if (runtime.phase === 'running') {
    reportContainers(cluster, pod, 'Killing', (name) => `Stopping container ${name}`);
    const graceUs = (pod.metadata?.deletionGracePeriodSeconds ?? 30) * 1_000_000;
    stopProcess(cluster, runtime, Math.min(graceUs, stopUs));
  } else if (runtime.phase !== 'stopping') {
    dropObject(cluster, pod);
  }
}

function stopProcess(cluster: Cluster, runtime: PodRuntime, delayUs: number): void {
  runtime.phase = 'stopping';
  voidTimers(cluster, runtime);
  setTimer(cluster, cluster.state.nowUs + delayUs, {
    kind: 'stop_container',
    uid: runtime.uid,
    epoch: runtime.epoch,
  });
}

function voidTimers(cluster: Cluster, runtime: PodRuntime): void {
  runtime.epoch += 1;
  runtime.probeArmed = { startup: false, readiness: false, liveness: false };
  noteRuntime(cluster, runtime);
}

type KubeletTask = Extract<TimerTask, { readonly uid: string; readonly epoch: number }>;

/** Plays a timer of the kubelet, unless the pod moved on since it was set. */
export function playKubeletTask(cluster: Cluster, task: KubeletTask): void {
  const runtime = cluster.state.runtimes.get(task.uid);
  const pod = runtime && findObject(cluster, 'Pod', runtime.key);
  if (!pod || runtime.epoch !== task.epoch) return;
  if (isHeldUp(cluster, [pod, runtime], task)) return;
  switch (task.kind) {
    case 'start_container':
      if (prepareContainers(cluster, pod, runtime) === 'ready') startProcess(cluster, pod, runtime);
      break;
    case 'exit_container':
      endProcess(cluster, runtime, task.end);
      break;
    case 'listen':
      runtime.listening = true;
      noteRuntime(cluster, runtime);
      break;
    case 'probe':
      if (runProbe(cluster, pod, runtime, task.probe) === 'kill')
        killUnhealthy(cluster, pod, runtime, task.probe);
      break;
    case 'finish_container':
      if (completeContainer(cluster, pod, runtime) === 'restart')
        endProcess(cluster, runtime, { exitCode: 1, reason: 'Error' });
      break;
    case 'stop_container':
      if (pod.metadata?.deletionTimestamp) dropObject(cluster, pod);
      else endProcess(cluster, runtime, { exitCode: 137, reason: 'Error' });
      break;
  }
}

function startProcess(cluster: Cluster, pod: Pod, runtime: PodRuntime): void {
  const { nowUs } = cluster.state;
  const end = earlyEnd(cluster, pod, runtime);
  noteSettings(cluster, pod, runtime);
  runtime.phase = 'running';
  runtime.processStartedUs = nowUs;
  runtime.listening = false;
  runtime.answerMs = 0;
  runtime.started = !hasProbe(pod, 'startup');
  runtime.ready = runtime.started && !hasProbe(pod, 'readiness');
  runtime.probeRuns = { startup: 0, readiness: 0, liveness: 0 };
  if (runtime.lastTermination) runtime.restartCount += 1;
  voidTimers(cluster, runtime);
  const only = runtime.lastTermination ? runtime.failing : null;
  reportPulled(cluster, pod, only);
  if (end?.reason === 'StartError') {
    failToStart(cluster, pod, { runtime, end });
    return;
  }
  if (end) armExit(cluster, runtime, end);
  const startupMs = cluster.setup.services.get(runtime.workload)?.startupMs;
  const startupUs = startupMs === undefined ? defaultStartupUs : Math.round(startupMs * 1000);
  const { uid, epoch } = runtime;
  setTimer(cluster, nowUs + startupUs, { kind: 'listen', uid, epoch });
  reportContainers(cluster, pod, 'Created', (name) => `Created container: ${name}`, only);
  reportContainers(cluster, pod, 'Started', (name) => `Started container ${name}`, only);
  postPodStatus(cluster, runtime);
  armCompletion(cluster, pod, runtime);
  for (const kind of ['startup', 'readiness', 'liveness'] as const)
    armProbe(cluster, pod, runtime, kind);
}

function armExit(cluster: Cluster, { uid, epoch }: PodRuntime, end: EarlyEnd): void {
  const atUs = cluster.state.nowUs + end.afterUs;
  setTimer(cluster, atUs, { kind: 'exit_container', uid, epoch, end });
}

/** The runtime could not execute the container's command. */
function failToStart(
  cluster: Cluster,
  pod: Pod,
  { runtime, end }: { runtime: PodRuntime; end: EarlyEnd },
): void {
  const { container, message } = end;
  reportContainer(cluster, pod, { container, reason: 'Failed', message: `Error: ${message}` });
  endProcess(cluster, runtime, end);
}

function killUnhealthy(cluster: Cluster, pod: Pod, runtime: PodRuntime, probe: string): void {
  reportContainers(
    cluster,
    pod,
    'Killing',
    (name) => `Container ${name} failed ${probe} probe, will be restarted`,
  );
  const graceUs = (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1_000_000;
  stopProcess(cluster, runtime, Math.min(graceUs, stopUs));
}

/** The process is gone; it restarts at once the first time, then after a doubling back-off. */
function endProcess(
  cluster: Cluster,
  runtime: PodRuntime,
  end: { exitCode: number; reason: string } & Partial<Pick<EarlyEnd, 'container' | 'message'>>,
): void {
  const { nowUs } = cluster.state;
  const { exitCode, reason } = end;
  const startedAtUs = runtime.processStartedUs;
  const ranUs = nowUs - startedAtUs;
  runtime.lastTermination = { exitCode, reason, startedAtUs, finishedAtUs: nowUs };
  runtime.failing = end.container ?? null;
  runtime.lastWords = (reason === 'Error' && end.message) || null;
  const isFirst = runtime.backOffUs < 0 || ranUs >= backOffResetUs;
  runtime.backOffUs = isFirst ? 0 : nextBackOffUs(runtime.backOffUs, restartBackOff);
  forgetProcess(runtime, 'waiting');
  voidTimers(cluster, runtime);
  setTimer(cluster, nowUs + Math.max(runtime.backOffUs, containerRestartUs), {
    kind: 'start_container',
    uid: runtime.uid,
    epoch: runtime.epoch,
  });
  postPodStatus(cluster, runtime);
  const pod = findObject(cluster, 'Pod', runtime.key);
  if (pod === undefined || runtime.backOffUs === 0) return;
  const { name, namespace, uid } = pod.metadata ?? {};
  reportContainers(
    cluster,
    pod,
    'BackOff',
    (container) =>
      `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`,
    runtime.failing,
  );
}

function forgetProcess(runtime: PodRuntime, phase: PodRuntime['phase']): void {
  runtime.phase = phase;
  runtime.listening = false;
  runtime.started = false;
  runtime.ready = false;
}

/** Somebody killed the process from outside. */
export function killProcess(cluster: Cluster, runtime: PodRuntime): void {
  endProcess(cluster, runtime, { exitCode: 137, reason: 'Error' });
}

/** The kernel killed the process because the pod's memory reached its limit. */
export function killForMemory(cluster: Cluster, runtime: PodRuntime, memoryBytes: number): void {
  const pod = findObject(cluster, 'Pod', runtime.key);
  const node = findObject(cluster, 'Node', runtime.node);
  const name = pod?.spec?.containers[0]?.name ?? '';
  const victim = `${1000 + runtime.ordinal} (${name}) anon-rss:${Math.round(memoryBytes / 1024)}kB`;
  if (node) {
    recordEvent(cluster, node, {
      type: 'Warning',
      reason: 'OOMKilling',
      message: `Memory cgroup out of memory: Killed process ${victim}`,
      source: 'kernel-monitor',
      host: runtime.node,
    });
  }
  if (pod?.metadata?.deletionTimestamp) dropObject(cluster, pod);
  else endProcess(cluster, runtime, { exitCode: 137, reason: 'OOMKilled' });
}

/**
 * Notes how long the process takes to answer; when that may be too long, the next probes will tell.
 */
export function setAnswerTime(cluster: Cluster, runtime: PodRuntime, answerMs: number): void {
  runtime.answerMs = answerMs;
  if (answerMs <= shortestTimeoutMs) return;
  const pod = findObject(cluster, 'Pod', runtime.key);
  if (pod === undefined) return;
  armProbe(cluster, pod, runtime, 'readiness');
  armProbe(cluster, pod, runtime, 'liveness');
}

/** Power is gone: processes die unseen, and nothing of the kubelet runs any more. */
export function losePower(cluster: Cluster, nodeName: string): void {
  for (const runtime of cluster.state.runtimes.values()) {
    if (runtime.node === nodeName) voidTimers(cluster, runtime);
  }
}

/** The node has booted: pending deletions finish, the other pods' containers start again. */
export function regainPower(cluster: Cluster, nodeName: string): void {
  for (const runtime of [...cluster.state.runtimes.values()]) {
    const pod = findObject(cluster, 'Pod', runtime.key);
    if (runtime.node !== nodeName || pod === undefined) continue;
    if (pod.metadata?.deletionTimestamp) dropObject(cluster, pod);
    else if (runtime.phase !== 'unbound') recreateContainer(cluster, pod, runtime);
    else syncPod(cluster, runtime.key);
  }
}

function recreateContainer(cluster: Cluster, pod: Pod, runtime: PodRuntime): void {
  if (runtime.phase !== 'pulling' && runtime.phase !== 'waiting') {
    runtime.lastTermination = {
      exitCode: 255,
      reason: 'Unknown',
      startedAtUs: runtime.processStartedUs,
      finishedAtUs: cluster.state.nowUs,
    };
  }
  recordEvent(cluster, pod, {
    type: 'Normal',
    reason: 'SandboxChanged',
    message: 'Pod sandbox changed, it will be killed and re-created.',
    source: 'kubelet',
    host: runtime.node,
  });
  forgetProcess(runtime, 'pulling');
  runtime.initDone = 0;
  createContainer(cluster, runtime);
}
