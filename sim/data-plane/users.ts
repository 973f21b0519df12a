import type { JourneySpec } from '../../core/truth/index.ts';
import { createOutcome, errorShareOf, type Outcome } from './call-outcome.ts';
import type { UserTick } from './flow-state.ts';
import { latencyQuantileMs, quickCdf } from './latency-law.ts';

/** The users of all journeys: their retries, and what they made of the last second. */
export class Users {
  readonly #journeys: readonly JourneySpec[];
  readonly #firstStage: Int32Array;
  /** Expected retries that arrive in the coming tick, per journey and number of the retry. */
  readonly #pending: Float64Array;
  /** How one attempt of each journey ends, this tick. */
  readonly outcomes: readonly Outcome[];

  constructor(journeys: readonly JourneySpec[]) {
    this.#journeys = journeys;
    this.#firstStage = new Int32Array(journeys.length + 1);
    journeys.forEach((journey, j) => {
      this.#firstStage[j + 1] = (this.#firstStage[j] as number) + journey.retries;
    });
    this.#pending = new Float64Array(this.#firstStage[journeys.length] as number);
    this.outcomes = journeys.map(createOutcome);
  }

  copyFrom(other: Users): void {
    this.#pending.set(other.#pending);
  }

  /** Expected retries of a journey in this tick. */
  retriesOf(j: number): number {
    let sum = 0;
    for (let i = this.#firstStage[j] as number; i < (this.#firstStage[j + 1] as number); i += 1) {
      sum += this.#pending[i] as number;
    }
    return sum;
  }

  /** Turns this tick's failures into the next tick's retries. */
  settle(firstAttempts: Float64Array): void {
    for (let j = 0; j < this.#journeys.length; j += 1) {
      const failing = errorShareOf(this.outcomes[j] as Outcome);
      let attempts = firstAttempts[j] as number;
      for (let i = this.#firstStage[j] as number; i < (this.#firstStage[j + 1] as number); i += 1) {
        const next = this.#pending[i] as number;
        this.#pending[i] = attempts * failing;
        attempts = next;
      }
    }
  }

  /** What the lab's truth keeps of the tick; the arrays are new. */
  tick(atMs: number, offered: Float64Array): UserTick {
    const good = new Float64Array(offered.length);
    const latencyMsP95 = new Float64Array(offered.length);
    for (let j = 0; j < offered.length; j += 1) {
      const outcome = this.outcomes[j] as Outcome;
      good[j] = (offered[j] as number) * goodShare(this.#journeys[j] as JourneySpec, outcome);
      latencyMsP95[j] = latencyMsOf(outcome, 0.95);
    }
    return { atMs, offered: offered.slice(), good, latencyMsP95 };
  }
}

/**
 * Share of requests that succeed in the end, retries included, within the latency objective; earlier
 * attempts' time counts. Attempts are independent, with the present tick's outcome.
 */
function goodShare(journey: JourneySpec, outcome: Outcome): number {
  const failing = errorShareOf(outcome);
  let share = withinShare(outcome, journey.latencySloMs);
  let quickFails = 1;
  let fails = 1;
  for (let k = 1; k <= journey.retries && failing > 0; k += 1) {
    quickFails *= outcome.errorShare;
    fails *= failing;
    const afterQuickMs = journey.latencySloMs - k * outcome.errorMs;
    if (quickFails > 0) share += quickFails * withinShare(outcome, afterQuickMs);
    const afterSlowMs =
      journey.latencySloMs -
      outcome.slowErrorMs -
      (k - 1) * Math.min(outcome.errorMs, outcome.slowErrorMs);
    if (fails > quickFails) share += (fails - quickFails) * withinShare(outcome, afterSlowMs);
  }
  return Math.min(1, share);
}

function withinShare(outcome: Outcome, limitMs: number): number {
  if (limitMs <= 0) return 0;
  const quick = outcome.okShare * quickCdf(outcome.okMs, outcome.okVarianceMs2, limitMs);
  return quick + (outcome.slowOkMs <= limitMs ? outcome.slowOkShare : 0);
}

/** A quantile over everything an attempt can end in, in ms. */
function latencyMsOf(outcome: Outcome, q: number): number {
  const quick = outcome.okShare + outcome.errorShare;
  const slow = outcome.slowOkShare + outcome.slowErrorShare;
  const part = quick > 0 ? outcome.errorShare / quick : 0;
  const gap = outcome.errorMs - outcome.okMs;
  return latencyQuantileMs(
    {
      meanMs: quick > 0 ? (1 - part) * outcome.okMs + part * outcome.errorMs : 0,
      varianceMs2:
        (1 - part) * outcome.okVarianceMs2 +
        part * outcome.errorVarianceMs2 +
        part * (1 - part) * gap * gap,
      slowShare: slow,
      slowMs:
        slow > 0
          ? (outcome.slowOkShare * outcome.slowOkMs +
              outcome.slowErrorShare * outcome.slowErrorMs) /
            slow
          : 0,
    },
    q,
  );
}
