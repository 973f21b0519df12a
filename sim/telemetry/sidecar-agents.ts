import { createDrawKey, hashText, uniformAt } from '../../core/tools/index.ts';

/**
 * Share of services whose pods carry an agent (log shipper, mesh proxy, secrets) with a small CPU
 * limit.
 */
const agentShare = 0.75;
/** An agent has something to do now and then: one draw per service and cell of this length. */
const cellMs = 600_000;
const busyShare = 0.4;
/** Certificates, configuration and buffers of all agents turn over together: one draw per cell. */
const commonCellMs = 1_800_000;
const commonShare = 0.45;
const busyMsMin = 15_000;
const busyMsMax = 180_000;
/** Share of its CFS periods in which a busy agent is throttled. */
const throttledMin = 0.1;
/**
 * The agent's part of all periods that a pod's containers were runnable in: most, beside an idle
 * process.
 */
const periodsMin = 0.3;
const periodsMax = 0.95;
/** The hash that stands for all services. */
const common = 0;

/** The agents beside a service's processes, and what they do in the window asked of last. */
export interface Agents {
  readonly entity: number;
  untilMs: number;
  /** Their part of the pod's periods, 0 while they have nothing to do. */
  periodShare: number;
  /** Share of their own periods in which they are throttled. */
  throttledShare: number;
}

/**
 * Agents beside the processes: `sum by (pod)` of throttled periods counts their container too, so a
 * pod can look throttled while the process that serves is not. The draws are stateless; who has an
 * agent and when it is busy differ by seed and service. Sizes are assumptions; that small sidecar
 * limits throttle unnoticed is what their users report.
 */
export class SidecarAgents {
  readonly #key: number;

  constructor(seed: number) {
    this.#key = createDrawKey(seed, 'telemetry/sidecar-agents');
  }

  /** The agents of a service, which nobody has asked of yet. */
  agentsOf(service: string): Agents {
    return { entity: hashText(service), untilMs: Number.NaN, periodShare: 0, throttledShare: 0 };
  }

  /** Takes agents to the window that ends at `untilMs`. */
  move(agents: Agents, untilMs: number): void {
    if (untilMs === agents.untilMs) return;
    const { entity } = agents;
    agents.untilMs = untilMs;
    agents.periodShare = 0;
    agents.throttledShare = 0;
    if (uniformAt(this.#key, entity, -1) >= agentShare) return;
    const throttled = Math.max(
      this.#episode(entity, untilMs, cellMs, busyShare),
      this.#episode(common, untilMs, commonCellMs, commonShare),
    );
    if (throttled === 0) return;
    const share = uniformAt(this.#key, entity, -2);
    agents.periodShare = periodsMin + (periodsMax - periodsMin) * share;
    agents.throttledShare = throttled;
  }

  /** How throttled the entity's agents are at this time, 0 when they are idle. */
  #episode(entity: number, atMs: number, lengthMs: number, share: number): number {
    const cell = Math.floor(atMs / lengthMs);
    // Negative ticks are the entity's own; cells of the warm-up are negative too.
    const tick = 8 * (cell + 4096);
    if (uniformAt(this.#key, entity, tick) >= share) return 0;
    const room = lengthMs - busyMsMax;
    const fromMs = cell * lengthMs + room * uniformAt(this.#key, entity, tick + 1);
    const ratio = uniformAt(this.#key, entity, tick + 2);
    const forMs = busyMsMin * Math.exp(ratio * Math.log(busyMsMax / busyMsMin));
    if (atMs < fromMs || atMs >= fromMs + forMs) return 0;
    return throttledMin + (1 - throttledMin) * uniformAt(this.#key, entity, tick + 3);
  }
}

/**
 * The throttled share of a pod whose process is throttled in the share `own` of its periods, beside
 * agents with `periodShare` of the pod's periods, throttled in `throttledShare` of theirs.
 */
export function throttledBeside(periodShare: number, throttledShare: number, own: number): number {
  return own + periodShare * (throttledShare - own);
}
