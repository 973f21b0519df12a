import type { ServiceTick } from './flow-state.ts';
import { errorShareOf, meanMsOf, type Outcome } from './outcome.ts';

/** Attempts, failures and time per service in one tick, as its callers see them. */
export class ClientSums {
  readonly #attempts: Float64Array;
  readonly #errors: Float64Array;
  readonly #totalMs: Float64Array;
  readonly #lastLatencyMs: Float64Array;

  constructor(services: number, source?: ClientSums) {
    this.#attempts = new Float64Array(services);
    this.#errors = new Float64Array(services);
    this.#totalMs = new Float64Array(services);
    this.#lastLatencyMs = source ? source.#lastLatencyMs.slice() : new Float64Array(services);
  }

  clear(): void {
    this.#attempts.fill(0);
    this.#errors.fill(0);
    this.#totalMs.fill(0);
  }

  add(s: number, attempts: number, outcome: Outcome): void {
    this.#attempts[s] = (this.#attempts[s] as number) + attempts;
    this.#errors[s] = (this.#errors[s] as number) + attempts * errorShareOf(outcome);
    this.#totalMs[s] = (this.#totalMs[s] as number) + attempts * meanMsOf(outcome);
  }

  /** The tick in new arrays; without callers the last latency stands and errors are 0. */
  tick(): ServiceTick {
    const services = this.#attempts.length;
    const errorRatio = new Float64Array(services);
    const latencyMsMean = new Float64Array(services);
    for (let s = 0; s < services; s += 1) {
      const attempts = this.#attempts[s] as number;
      if (attempts > 0) {
        errorRatio[s] = (this.#errors[s] as number) / attempts;
        this.#lastLatencyMs[s] = (this.#totalMs[s] as number) / attempts;
      }
      latencyMsMean[s] = this.#lastLatencyMs[s] as number;
    }
    return { errorRatio, latencyMsMean };
  }
}
