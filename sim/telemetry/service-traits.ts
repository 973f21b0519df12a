import type { PeriodicWork } from './periodic-work.ts';
import type { Agents, SidecarAgents } from './sidecar-agents.ts';
import { habitOf } from './working-set.ts';

/** Places in a service's row. */
export const trait = {
  /** How its pods' memory moves: see `Habit`; 1 for yes. */
  hold: 0,
  jitters: 1,
  isSymmetric: 2,
  /** What its processes do for themselves: see `Housekeeping`. */
  workScrapes: 3,
  workShare: 4,
  idleCores: 5,
  /** What the agents beside them do at this scrape: see `Agents`. */
  agentPeriods: 6,
  agentThrottled: 7,
} as const;
const rowLength = 8;

/**
 * What pods of a service have in common, by the numbers that pod tables give to services. In rows,
 * a cache line each: pods come in an order of their own, and what is spread over objects is far
 * away for each of them.
 */
export class ServiceTraits {
  readonly #names: string[] = [];
  #rows = new Float64Array(0);
  readonly #work: PeriodicWork;
  readonly #sidecars: SidecarAgents;
  readonly #agents: Agents[] = [];

  constructor(work: PeriodicWork, sidecars: SidecarAgents) {
    this.#work = work;
    this.#sidecars = sidecars;
  }

  /** See `trait`; valid until the next `follow`. */
  get rows(): ArrayLike<number> {
    return this.#rows;
  }

  /** Takes in services that are new, and what agents do in the window that ends at `untilMs`. */
  follow(services: readonly string[], untilMs: number): void {
    for (let s = this.#names.length; s < services.length; s += 1) this.#add(services[s] as string);
    this.#agents.forEach((agents, s) => {
      this.#sidecars.move(agents, untilMs);
      this.#rows[rowLength * s + trait.agentPeriods] = agents.periodShare;
      this.#rows[rowLength * s + trait.agentThrottled] = agents.throttledShare;
    });
  }

  /** Where the row of a service begins. */
  rowOf(service: number): number {
    return rowLength * service;
  }

  #add(name: string): void {
    const row = rowLength * this.#names.length;
    this.#names.push(name);
    this.#agents.push(this.#sidecars.agentsOf(name));
    if (this.#rows.length <= row) {
      const rows = new Float64Array(Math.max(64 * rowLength, 2 * this.#rows.length));
      rows.set(this.#rows);
      this.#rows = rows;
    }
    const { hold, jitters, isSymmetric } = habitOf(name);
    const { scrapes, share, idleCores } = this.#work.housekeepingOf(name);
    this.#rows.set([hold, +jitters, +isSymmetric, scrapes, share, idleCores, 0, 0], row);
  }
}
