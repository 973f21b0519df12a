import type { JourneySpec } from '../../core/truth/index.ts';
import type { LatencyLaw, UserTick } from './flow-state.ts';
import { areApart, shortestOf } from './flow-sums.ts';
import { type GammaQuantile, latencyQuantileMs, quickCdf } from './latency-law.ts';
import { createOutcome, errorShareOf, type Outcome } from './outcome.ts';
import { createSlowAtoms, type SlowWay, splitSlow } from './slow-atoms.ts';

/** The users of all journeys: their retries, and what they made of the last second. */
export class Users {
  readonly #journeys: readonly JourneySpec[];
  readonly #all: Int32Array;
  readonly #firstStage: Int32Array;
  /** Expected retries that arrive in the coming tick, per journey and number of the retry. */
  readonly #pending: Float64Array;
  /** How one attempt of each journey ends, this tick. */
  readonly outcomes: readonly Outcome[];
  /** What came of the last second that was played; never written to again. */
  #goodShare: Float64Array = new Float64Array(0);
  #latencyMsP95: Float64Array = new Float64Array(0);

  constructor(journeys: readonly JourneySpec[]) {
    this.#journeys = journeys;
    this.#all = Int32Array.from(journeys.keys());
    this.#firstStage = new Int32Array(journeys.length + 1);
    journeys.forEach((journey, j) => {
      this.#firstStage[j + 1] = (this.#firstStage[j] as number) + journey.retries;
    });
    this.#pending = new Float64Array(this.#firstStage[journeys.length] as number);
    this.outcomes = journeys.map(createOutcome);
  }

  copyFrom(other: Users): void {
    this.#pending.set(other.#pending);
    this.#goodShare = other.#goodShare;
    this.#latencyMsP95 = other.#latencyMsP95;
  }

  /** Expected retries of a journey in this tick. */
  retriesOf(j: number): number {
    let sum = 0;
    for (let i = this.#firstStage[j] as number; i < (this.#firstStage[j + 1] as number); i += 1) {
      sum += this.#pending[i] as number;
    }
    return sum;
  }

  /** Turns this tick's failures on some journeys into the next tick's retries. */
  settle(firstAttempts: Float64Array, journeys: Int32Array): void {
    for (const j of journeys) {
      const failing = errorShareOf(this.outcomes[j] as Outcome);
      let attempts = firstAttempts[j] as number;
      for (let i = this.#firstStage[j] as number; i < (this.#firstStage[j + 1] as number); i += 1) {
        const next = this.#pending[i] as number;
        this.#pending[i] = attempts * failing;
        attempts = next;
      }
    }
  }

  /**
   * What the lab's truth keeps of a tick that played some journeys (null: all), its 95th percentile
   * as exact as `quantile`; the arrays are new.
   */
  tick(
    atMs: number,
    offered: Float64Array,
    journeys: Int32Array | null,
    quantile: GammaQuantile,
  ): UserTick {
    const share = new Float64Array(offered.length);
    const latencyMsP95 = new Float64Array(offered.length);
    if (journeys !== null) {
      share.set(this.#goodShare);
      latencyMsP95.set(this.#latencyMsP95);
    }
    for (const j of journeys ?? this.#all) {
      const outcome = this.outcomes[j] as Outcome;
      share[j] = goodShare(this.#journeys[j] as JourneySpec, outcome);
      latencyMsP95[j] = latencyQuantileMs(lawOf(outcome), 0.95, quantile);
    }
    this.#goodShare = share;
    this.#latencyMsP95 = latencyMsP95;
    return this.hold(atMs, offered);
  }

  /** The same for a second in which requests end as in the last one that was played. */
  hold(atMs: number, offered: Float64Array): UserTick {
    const good = new Float64Array(offered.length);
    for (let j = 0; j < offered.length; j += 1) {
      good[j] = (offered[j] as number) * (this.#goodShare[j] as number);
    }
    return { atMs, offered: offered.slice(), good, latencyMsP95: this.#latencyMsP95 };
  }
}

/**
 * Share of requests that succeed in the end, retries included, within the latency objective;
 * earlier attempts' time counts. Attempts are independent, with the present tick's outcome.
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

const atoms = createSlowAtoms();
const slowWay: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };

function withinShare(outcome: Outcome, limitMs: number): number {
  if (limitMs <= 0) return 0;
  const quick = outcome.okShare * quickCdf(outcome.okMs, outcome.okVarianceMs2, limitMs);
  if (outcome.slowOkShare <= 0) return quick;
  slowWay.ms = outcome.slowOkMs;
  slowWay.varianceMs2 = outcome.slowOkVarianceMs2;
  slowWay.minMs = outcome.slowOkMinMs;
  slowWay.maxMs = outcome.slowOkMaxMs;
  splitSlow(atoms, slowWay);
  const early = atoms.earlyMs <= limitMs ? 1 - atoms.lateShare : 0;
  const late = atoms.lateMs <= limitMs ? atoms.lateShare : 0;
  return quick + outcome.slowOkShare * (early + late);
}

/** The law of everything one attempt can end in, in ms. */
function lawOf(outcome: Outcome): LatencyLaw {
  const { okShare, errorShare } = outcome;
  const whole = okShare + errorShare;
  const isApart = areApart(errorShare, whole);
  const part = whole > 0 && !isApart ? errorShare / whole : 0;
  const gap = outcome.errorMs - outcome.okMs;
  const slow = outcome.slowOkShare + outcome.slowErrorShare;
  const slowPart = slow > 0 ? outcome.slowErrorShare / slow : 0;
  const slowGap = outcome.slowErrorMs - outcome.slowOkMs;
  slowWay.ms = outcome.slowOkMs + slowPart * slowGap;
  slowWay.varianceMs2 =
    (1 - slowPart) * outcome.slowOkVarianceMs2 +
    slowPart * outcome.slowErrorVarianceMs2 +
    slowPart * (1 - slowPart) * slowGap * slowGap;
  slowWay.minMs = shortestOf(outcome);
  slowWay.maxMs = Math.max(outcome.slowOkMaxMs, outcome.slowErrorMaxMs);
  splitSlow(atoms, slowWay);
  return {
    meanMs: outcome.okMs + part * gap,
    varianceMs2:
      (1 - part) * outcome.okVarianceMs2 +
      part * outcome.errorVarianceMs2 +
      part * (1 - part) * gap * gap,
    midShare: slow * (1 - atoms.lateShare),
    midMs: atoms.earlyMs,
    slowShare: slow * atoms.lateShare,
    slowMs: atoms.lateMs,
    failShare: isApart ? errorShare : 0,
    failMs: isApart ? outcome.errorMs : 0,
    failVarianceMs2: isApart ? outcome.errorVarianceMs2 : 0,
  };
}
