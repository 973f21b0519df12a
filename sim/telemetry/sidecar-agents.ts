import { createDrawKey, hashText, uniformAt } from '../../core/tools/index.ts';

/** Share of services whose pods carry an agent (log shipper, mesh proxy, secrets) with a small CPU limit. */
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
/** The agent's part of all periods that a pod's containers were runnable in: most, beside an idle process. */
const periodsMin = 0.3;
const periodsMax = 0.95;
/** The hash that stands for all services. */
const common = 0;

/** What an agent does in a window. */
interface Busy {
  /** Its part of the pod's periods, 0 while it has nothing to do. */
  readonly periods: number;
  readonly throttled: number;
}

const idle: Busy = { periods: 0, throttled: 0 };

/**
 * Agents beside the processes: `sum by (pod)` of throttled periods counts their container too, so a
 * pod can look throttled while the process that serves is not. Stateless; who has an agent and when
 * it is busy differ by seed and service. Sizes are assumptions; that small sidecar limits throttle
 * unnoticed is what their users report.
 */
export class SidecarAgents {
  readonly #key: number;
  readonly #entities = new Map<string, number>();
  readonly #busy = new Map<string, Busy>();
  #untilMs = Number.NaN;

  constructor(seed: number) {
    this.#key = createDrawKey(seed, 'telemetry/sidecar-agents');
  }

  /** The pod's throttled share, when that of the process is `own`, over a window that ends at `untilMs`. */
  throttledRatio(service: string, own: number, untilMs: number): number {
    if (untilMs !== this.#untilMs) {
      this.#busy.clear();
      this.#untilMs = untilMs;
    }
    let busy = this.#busy.get(service);
    if (busy === undefined) {
      busy = this.#busyOf(service, untilMs);
      this.#busy.set(service, busy);
    }
    return own + busy.periods * (busy.throttled - own);
  }

  #busyOf(service: string, untilMs: number): Busy {
    let entity = this.#entities.get(service);
    if (entity === undefined) {
      entity = hashText(service);
      this.#entities.set(service, entity);
    }
    if (uniformAt(this.#key, entity, -1) >= agentShare) return idle;
    const throttled = Math.max(
      this.#episode(entity, untilMs, cellMs, busyShare),
      this.#episode(common, untilMs, commonCellMs, commonShare),
    );
    if (throttled === 0) return idle;
    const share = uniformAt(this.#key, entity, -2);
    return { periods: periodsMin + (periodsMax - periodsMin) * share, throttled };
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
