import type { ServiceTick } from './flow-state.ts';
import { errorShareOf, meanMsOf, type Outcome } from './outcome.ts';

/** Attempts, failures and time per service in one tick, as its callers see them. */
export class ClientSums {
  readonly #attempts: Float64Array;
  readonly #errors: Float64Array;
  readonly #totalMs: Float64Array;
  readonly #lastLatencyMs: Float64Array;
  readonly #all: Int32Array;

  constructor(services: number, source?: ClientSums) {
    this.#attempts = new Float64Array(services);
    this.#errors = new Float64Array(services);
    this.#totalMs = new Float64Array(services);
    this.#all = Int32Array.from({ length: services }, (_, s) => s);
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

  /**
   * The tick of some services (null: all) in new arrays, beside what is known of the others;
   * without callers the last latency stands and errors are 0.
   */
  tick(services: Int32Array | null, before: ServiceTick | null): ServiceTick {
    const errorRatio = new Float64Array(this.#attempts.length);
    if (before !== null && services !== null) errorRatio.set(before.errorRatio);
    for (const s of services ?? this.#all) {
      const attempts = this.#attempts[s] as number;
      errorRatio[s] = attempts > 0 ? (this.#errors[s] as number) / attempts : 0;
      if (attempts > 0) this.#lastLatencyMs[s] = (this.#totalMs[s] as number) / attempts;
    }
    return { errorRatio, latencyMsMean: this.#lastLatencyMs.slice() };
  }
}
