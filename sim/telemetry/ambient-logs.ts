import type { ClusterEvent } from '../../core/observable/index.ts';
import { createDrawKey, uniformAt } from '../../core/tools/index.ts';
import type { ServiceSpec, TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow } from '../data-plane/flow-state.ts';
import { ambientCauseMessage } from './cause-messages.ts';
import { flowAt } from './flows-by-pod.ts';
import { backgroundKind, memoryPressureMessage, outOfMemoryMessage } from './log-messages.ts';
import type { PodIdentities, PodIdentity } from './pod-identity.ts';
import { isCollectable } from './pod-identity.ts';
import type { PodTable } from './pod-table.ts';
import type { WindowLogs } from './window-logs.ts';

/** Collectors complain from this share of the memory limit on. */
const memoryPressureFrom = 0.85;
/** Share of scrapes in which a machine speaks of what is wrong with it. */
const causeShare = 0.25;
/** Addresses of one pod's draws within a scrape. */
const drawsPerScrape = 4;

/** What one window is made of, for log lines. */
export interface LogContext {
  readonly window: FlowWindow;
  readonly view: ClusterView;
  readonly table: PodTable;
  readonly conditions: Conditions;
  readonly scrape: number;
}

/** Log lines that no single request causes: start-up, memory pressure, kernel kills, background. */
export class AmbientLogs {
  readonly #key: number;
  readonly #causeKey: number;
  readonly #identities: PodIdentities;
  readonly #services: ReadonlyMap<string, ServiceSpec>;
  readonly #startupMaxMs: number;

  constructor(options: { spec: TwinSpec; seed: number; identities: PodIdentities }) {
    this.#key = createDrawKey(options.seed, 'telemetry/ambient-logs');
    this.#causeKey = createDrawKey(options.seed, 'telemetry/machine-logs');
    this.#identities = options.identities;
    const { services } = options.spec;
    this.#services = new Map(services.map((service) => [service.name, service]));
    this.#startupMaxMs = services.reduce((most, { startupMs }) => Math.max(most, startupMs), 0);
  }

  write(logs: WindowLogs, context: LogContext, events: readonly ClusterEvent[]): void {
    const { unpoweredNodes, isolatedZones } = context.conditions;
    const isClear = unpoweredNodes.size + isolatedZones.size === 0;
    const startedFromUs = 1000 * (context.window.fromMs - this.#startupMaxMs);
    const { length } = context.table.pods;
    // One object for all pods.
    const at = { i: 0, isClear, startedFromUs };
    for (; at.i < length; at.i += 1) this.#writePod(logs, context, at);
    for (const event of events) this.#writeKill(logs, context, event);
  }

  #writePod(
    logs: WindowLogs,
    context: LogContext,
    { i, isClear, startedFromUs }: { i: number; isClear: boolean; startedFromUs: number },
  ): void {
    const { window, table, conditions } = context;
    const pod = table.pods[i] as PodView;
    if (table.hasLastWords[i] === 1) this.#writeLastWords(logs, context, i);
    if (table.isRunning[i] === 0 || !(isClear || isCollectable(pod, conditions))) return;
    if ((table.startedUs[i] as number) > startedFromUs) this.#writeStart(logs, context, i);
    if (table.isListening[i] === 1) this.#writeBackground(logs, context, i);
    if (window.impairs) this.#writeCause(logs, context, i);
    const limitBytes = table.memoryLimitBytes[i] as number;
    const used = (flowAt(window, i, pod)?.memoryBytes ?? 0) / limitBytes;
    if (used > memoryPressureFrom) this.#writePressure(logs, context, i, used);
  }

  #uniform(entity: number, scrape: number, ordinal: number): number {
    return uniformAt(this.#key, entity, scrape * drawsPerScrape + ordinal);
  }

  #writeStart(logs: WindowLogs, { window, table }: LogContext, i: number): void {
    const pod = table.pods[i] as PodView;
    const startedMs = pod.processStartedUs / 1000;
    const startupMs = this.#services.get(pod.service)?.startupMs ?? 0;
    if (startedMs + startupMs <= window.fromMs) return;
    const identity = identityOf(table, i);
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

  /** A log outlives its process, as long as its node can be reached. */
  #writeLastWords(logs: WindowLogs, { window, table, conditions }: LogContext, i: number): void {
    const pod = table.pods[i] as PodView;
    if (!isCollectable({ ...pod, running: true }, conditions)) return;
    const { atUs = 0, text: body = '' } = pod.lastWords ?? {};
    const atMs = atUs / 1000;
    if (atMs <= window.fromMs || atMs > window.untilMs) return;
    logs.add(identityOf(table, i), { severity: 'FATAL', atMs, body });
  }

  #writeBackground(logs: WindowLogs, { window, table, scrape }: LogContext, i: number): void {
    const entity = table.entity[i] as number;
    const u = this.#uniform(entity, scrape, 0);
    const kind = backgroundKind(u);
    if (kind === undefined) return;
    const number = Math.floor(this.#uniform(entity, scrape, 1) * 1_000_000);
    const atMs = window.fromMs + (window.untilMs - window.fromMs) * (number / 1_000_000);
    const { severity, body } = kind;
    logs.add(identityOf(table, i), { severity, atMs, body: body(number) });
  }

  /** What machine and runtime say of what is wrong with them: every fourth scrape or so. */
  #writeCause(logs: WindowLogs, { window, table, scrape }: LogContext, i: number): void {
    const u = uniformAt(this.#causeKey, table.entity[i] as number, scrape);
    const { uid } = table.pods[i] as PodView;
    const cause = u < causeShare ? (window.impairs?.causeOf(uid) ?? null) : null;
    if (cause === null) return;
    const body = ambientCauseMessage(cause, Math.floor(u * 4e5));
    if (body === null) return;
    const atMs = window.fromMs + (window.untilMs - window.fromMs) * (u / causeShare);
    logs.add(identityOf(table, i), { severity: 'WARN', atMs, body });
  }

  /** The nearer the limit, the surer and longer the pause. */
  #writePressure(
    logs: WindowLogs,
    { window, table, scrape }: LogContext,
    i: number,
    used: number,
  ): void {
    const pressure = Math.min((used - memoryPressureFrom) / (1 - memoryPressureFrom), 1);
    const identity = identityOf(table, i);
    const u = this.#uniform(identity.entity, scrape, 2);
    if (u > 0.25 + pressure) return;
    const pauseMs = Math.round(80 + 600 * pressure + 200 * u);
    const body = memoryPressureMessage(used, pauseMs);
    const atMs = window.untilMs - u * (window.untilMs - window.fromMs);
    logs.add(identity, { severity: 'WARN', atMs, body });
  }

  /** The kernel's line about a killed container, shipped by its node as the container's own. */
  #writeKill(logs: WindowLogs, context: LogContext, event: ClusterEvent): void {
    if (event.reason !== 'OOMKilling') return;
    const { conditions, scrape } = context;
    const pod = findKilled(context, event);
    if (!pod || conditions.unpoweredNodes.has(pod.node) || conditions.isolatedZones.has(pod.zone)) {
      return;
    }
    const identity = this.#identities.of(pod);
    const processId = 2000 + Math.floor(this.#uniform(identity.entity, scrape, 3) * 30_000);
    const { workload, memoryLimitBytes: limitBytes } = pod;
    const body = outOfMemoryMessage({ processId, workload, limitBytes });
    logs.add(identity, { severity: 'FATAL', atMs: event.atMs, body });
  }
}

function identityOf({ identities }: PodTable, i: number): PodIdentity {
  return identities[i] as PodIdentity;
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
