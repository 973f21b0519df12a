import type { ClusterEvent } from '../../core/observable/index.ts';
import { createDrawKey, uniformAt } from '../../core/tools/index.ts';
import type { ServiceSpec, TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow } from '../data-plane/flow-state.ts';
import { backgroundLine, memoryPressureMessage, outOfMemoryMessage } from './log-messages.ts';
import type { PodIdentities } from './pod-identity.ts';
import { isCollectable } from './pod-identity.ts';
import type { WindowLogs } from './window-logs.ts';

/** Collectors complain from this share of the memory limit on. */
const memoryPressureFrom = 0.85;
/** Addresses of one pod's draws within a scrape. */
const drawsPerScrape = 4;

/** What one window is made of, for log lines. */
export interface LogContext {
  readonly window: FlowWindow;
  readonly view: ClusterView;
  readonly conditions: Conditions;
  readonly scrape: number;
}

/** Log lines that no single request causes: start-up, memory pressure, kernel kills, background. */
export class AmbientLogs {
  readonly #key: number;
  readonly #identities: PodIdentities;
  readonly #services: ReadonlyMap<string, ServiceSpec>;

  constructor(options: { spec: TwinSpec; seed: number; identities: PodIdentities }) {
    this.#key = createDrawKey(options.seed, 'telemetry/ambient-logs');
    this.#identities = options.identities;
    this.#services = new Map(options.spec.services.map((service) => [service.name, service]));
  }

  write(logs: WindowLogs, context: LogContext, events: readonly ClusterEvent[]): void {
    const { window, view, conditions } = context;
    const flows = new Map(window.pods.map((flow) => [flow.pod.uid, flow]));
    for (const pod of view.pods) {
      if (!isCollectable(pod, conditions)) continue;
      this.#writeStart(logs, window, pod);
      this.#writeBackground(logs, context, pod);
      const used = (flows.get(pod.uid)?.memoryBytes ?? 0) / pod.memoryLimitBytes;
      if (used > memoryPressureFrom) this.#writePressure(logs, context, pod, used);
    }
    for (const event of events) this.#writeKill(logs, context, event);
  }

  #uniform(pod: PodView, scrape: number, ordinal: number): number {
    const { entity } = this.#identities.of(pod);
    return uniformAt(this.#key, entity, scrape * drawsPerScrape + ordinal);
  }

  #writeStart(logs: WindowLogs, window: FlowWindow, pod: PodView): void {
    const identity = this.#identities.of(pod);
    const startedMs = pod.processStartedUs / 1000;
    const startupMs = this.#services.get(pod.service)?.startupMs ?? 0;
    const { service, release } = identity.resource;
    const lines = [
      { atMs: startedMs, body: `starting ${service} ${release}, pid 1` },
      { atMs: startedMs + startupMs, body: `${service} ready after ${Math.round(startupMs)}ms` },
    ];
    for (const { atMs, body } of lines) {
      if (atMs <= window.fromMs || atMs > window.untilMs) continue;
      logs.add(identity, { severity: 'INFO', atMs, body });
    }
  }

  #writeBackground(logs: WindowLogs, { window, scrape }: LogContext, pod: PodView): void {
    if (!pod.listening) return;
    const number = Math.floor(this.#uniform(pod, scrape, 1) * 1_000_000);
    const line = backgroundLine(this.#uniform(pod, scrape, 0), number);
    if (!line) return;
    const atMs = window.fromMs + (window.untilMs - window.fromMs) * (number / 1_000_000);
    logs.add(this.#identities.of(pod), { ...line, atMs });
  }

  /** The nearer the limit, the surer and longer the pause. */
  #writePressure(
    logs: WindowLogs,
    { window, scrape }: LogContext,
    pod: PodView,
    used: number,
  ): void {
    const pressure = Math.min((used - memoryPressureFrom) / (1 - memoryPressureFrom), 1);
    const u = this.#uniform(pod, scrape, 2);
    if (u > 0.25 + pressure) return;
    const pauseMs = Math.round(80 + 600 * pressure + 200 * u);
    const body = memoryPressureMessage(used, pauseMs);
    const atMs = window.untilMs - u * (window.untilMs - window.fromMs);
    logs.add(this.#identities.of(pod), { severity: 'WARN', atMs, body });
  }

  /** The kernel's line about a killed container, shipped by its node as the container's own. */
  #writeKill(logs: WindowLogs, context: LogContext, event: ClusterEvent): void {
    if (event.reason !== 'OOMKilling') return;
    const { conditions, scrape } = context;
    const pod = findKilled(context, event);
    if (!pod || conditions.unpoweredNodes.has(pod.node) || conditions.isolatedZones.has(pod.zone)) {
      return;
    }
    const processId = 2000 + Math.floor(this.#uniform(pod, scrape, 3) * 30_000);
    const { workload, memoryLimitBytes: limitBytes } = pod;
    const body = outOfMemoryMessage({ processId, workload, limitBytes });
    logs.add(this.#identities.of(pod), { severity: 'FATAL', atMs: event.atMs, body });
  }
}

/**
 * The pod that a kernel event is about. The event names the node only: it was the pod there whose
 * process does not date from before the event, and of several the one that used most of its limit.
 */
function findKilled({ window, view }: LogContext, event: ClusterEvent): PodView | undefined {
  const { kind, name } = event.involved;
  if (kind === 'Pod') return view.pods.find((pod) => pod.name === name);
  const used = new Map(window.pods.map(({ pod, memoryMaxBytes }) => [pod.uid, memoryMaxBytes]));
  let killed: PodView | undefined;
  let most = 0;
  for (const pod of view.pods) {
    if (pod.node !== name || (pod.running && pod.processStartedUs < event.atMs * 1000)) continue;
    const share = (used.get(pod.uid) ?? 0) / pod.memoryLimitBytes;
    if (share <= most) continue;
    killed = pod;
    most = share;
  }
  return killed;
}
