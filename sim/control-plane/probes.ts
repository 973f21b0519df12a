import type { KindMap } from '../../core/observable/index.ts';
import { postPodStatus } from './pod-status.ts';
import { probeMismatch, probePort, refusedText } from './probe-target.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, type PodRuntime, setTimer } from './state.ts';
import type { ProbeKind } from './timer-tasks.ts';

type Container = NonNullable<KindMap['Pod']['spec']>['containers'][number];
type Probe = NonNullable<Container['readinessProbe']>;

const fields = {
  startup: 'startupProbe',
  readiness: 'readinessProbe',
  liveness: 'livenessProbe',
} as const;

/** No probe is less patient than this; a process that answers faster has none to fear. */
export const shortestTimeoutMs = 1000;

/** Whole seconds, of which the API server allows no fewer than one. */
function timeoutMsOf({ timeoutSeconds = 1 }: Probe): number {
  return Math.max(shortestTimeoutMs, timeoutSeconds * 1000);
}

/** The first container with such a probe; a pod is modelled by one process. */
function probedContainer(pod: KindMap['Pod'], kind: ProbeKind): Container | undefined {
  return pod.spec?.containers.find((container) => container[fields[kind]] !== undefined);
}

export function hasProbe(pod: KindMap['Pod'], kind: ProbeKind): boolean {
  return probedContainer(pod, kind) !== undefined;
}

/**
 * Sets the timer of the next probe. Probes run on a grid from the process's start, and only while
 * their outcome can change something: a healthy pod at rest has no timers.
 */
export function armProbe(
  cluster: Cluster,
  pod: KindMap['Pod'],
  runtime: PodRuntime,
  kind: ProbeKind,
): void {
  const probe = probedContainer(pod, kind)?.[fields[kind]];
  if (probe === undefined || runtime.probeArmed[kind] || runtime.phase !== 'running') return;
  if (kind === 'startup' ? runtime.started : !runtime.started) return;
  runtime.probeArmed[kind] = true;
  const { uid, epoch } = runtime;
  setTimer(cluster, nextProbeUs(cluster, runtime, { probe, kind }), {
    kind: 'probe',
    uid,
    epoch,
    probe: kind,
  });
}

/**
 * Readiness and start-up are probed as soon as they may be, liveness after a period at the
 * earliest; the next probes come a period apart.
 */
function nextProbeUs(
  { state }: Cluster,
  runtime: PodRuntime,
  { probe, kind }: { probe: Probe; kind: ProbeKind },
): number {
  const periodUs = (probe.periodSeconds ?? 10) * 1_000_000;
  const delayUs = (probe.initialDelaySeconds ?? 0) * 1_000_000;
  const waitUs = kind === 'liveness' && delayUs === 0 ? periodUs : delayUs;
  const firstUs = runtime.processStartedUs + waitUs;
  const isFirst = runtime.probeRuns[kind] === 0;
  if (state.nowUs < firstUs || (isFirst && state.nowUs === firstUs)) return firstUs;
  return firstUs + (Math.floor((state.nowUs - firstUs) / periodUs) + 1) * periodUs;
}

/** Runs one probe; answers `kill` when the container has to be restarted. */
export function runProbe(
  cluster: Cluster,
  pod: KindMap['Pod'],
  runtime: PodRuntime,
  kind: ProbeKind,
): 'kill' | 'carry_on' {
  runtime.probeArmed[kind] = false;
  const container = probedContainer(pod, kind);
  const probe = container?.[fields[kind]];
  if (container === undefined || probe === undefined) return 'carry_on';
  const mismatch = runtime.listening
    ? probeMismatch(cluster, pod, { runtime, container, probe })
    : null;
  const passes = runtime.listening && mismatch === null && runtime.answerMs <= timeoutMsOf(probe);
  const run = runtime.probeRuns[kind];
  runtime.probeRuns[kind] = passes ? Math.max(run, 0) + 1 : Math.min(run, 0) - 1;
  if (!passes) reportFailure(cluster, pod, { runtime, kind, probe, container, mismatch });
  const failed = -runtime.probeRuns[kind] >= (probe.failureThreshold ?? 3);
  if (kind !== 'readiness' && failed) return 'kill';
  if (kind === 'startup' && passes) passStartup(cluster, pod, runtime);
  if (kind === 'readiness') judgeReadiness(cluster, runtime, { probe, failed });
  const isAtRest = passes && (kind === 'liveness' || runtime.ready);
  if (!isAtRest) armProbe(cluster, pod, runtime, kind);
  return 'carry_on';
}

function passStartup(cluster: Cluster, pod: KindMap['Pod'], runtime: PodRuntime): void {
  runtime.started = true;
  runtime.ready = !hasProbe(pod, 'readiness');
  postPodStatus(cluster, runtime);
  armProbe(cluster, pod, runtime, 'readiness');
  armProbe(cluster, pod, runtime, 'liveness');
}

function judgeReadiness(
  cluster: Cluster,
  runtime: PodRuntime,
  { probe, failed }: { probe: Probe; failed: boolean },
): void {
  const passed = runtime.probeRuns.readiness >= (probe.successThreshold ?? 1);
  const ready = runtime.ready ? !failed : passed;
  if (ready === runtime.ready) return;
  runtime.ready = ready;
  postPodStatus(cluster, runtime);
}

interface Failure {
  readonly runtime: PodRuntime;
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly container: Container;
  /** Why it can never pass; null when it might have. */
  readonly mismatch: string | null;
}

function reportFailure(
  cluster: Cluster,
  pod: KindMap['Pod'],
  { runtime, kind, probe, container, mismatch }: Failure,
): void {
  const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  recordEvent(cluster, pod, {
    type: 'Warning',
    reason: 'Unhealthy',
    message: `${name} probe failed: ${mismatch ?? failureText(pod, { probe, container, listening: runtime.listening })}`,
    source: 'kubelet',
    host: runtime.node,
    fieldPath: `spec.containers{${container.name}}`,
  });
}

/** The kubelet's wording: a refused connection while nothing listens, otherwise a time-out. */
function failureText(
  pod: KindMap['Pod'],
  { probe, container, listening }: { probe: Probe; container: Container; listening: boolean },
): string {
  const address = `${pod.status?.podIP ?? ''}:${probePort(probe, container)}`;
  if (!listening && !probe.exec) return refusedText(probe, address);
  const timeout = `${probe.timeoutSeconds ?? 1}s`;
  if (probe.grpc)
    return `timeout: failed to connect service "${address}" within ${timeout}: context deadline exceeded`;
  if (probe.exec)
    return `command timed out: "${(probe.exec.command ?? []).join(' ')}" timed out after ${timeout}`;
  if (!probe.httpGet) return `dial tcp ${address}: i/o timeout`;
  const { scheme = 'HTTP', path = '/' } = probe.httpGet;
  const get = `Get "${scheme.toLowerCase()}://${address}${path}"`;
  return `${get}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
}
