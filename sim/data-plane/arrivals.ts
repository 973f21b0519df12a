import { createDrawKey, hashText, normalQuantile, uniformAt } from '../../core/tools/index.ts';
import type { JourneySpec, WorkloadSpec } from '../../core/truth/index.ts';
import type { LoadFactor } from '../conditions.ts';
import { Crowds } from './crowds.ts';
import { DemandNoise } from './demand-noise.ts';

/** Virtual time 0 is a Monday, 09:00 UTC. */
const hourAtZero = 9;
const weekMs = 604_800_000;
/**
 * The shape of a day and of a week, as shares of the daily swing: how much steeper the evening
 * falls than the morning rises, and how far the middle of the week lies above the weekend.
 */
const slantShare = 0.2;
const weeklyShare = 0.25;

/**
 * The user request rate per journey. Nothing here has a memory: every draw is addressed by
 * (seed, journey, time), so forks and healers cannot disturb it.
 */
export class Arrivals {
  readonly #workload: WorkloadSpec;
  readonly #journeys: readonly JourneySpec[];
  readonly #shares: Float64Array;
  readonly #entities: Uint32Array;
  readonly #countKey: number;
  readonly #noise: DemandNoise;
  readonly #crowds: Crowds;
  /** Expected first attempts in the second, per journey. */
  readonly expected: Float64Array;
  /** The whole number that came. */
  readonly counts: Float64Array;
  /** Two draws per journey: the log noise and the uniform behind the count. */
  readonly draws: Float64Array;

  constructor(options: { seed: number; workload: WorkloadSpec; journeys: readonly JourneySpec[] }) {
    const { seed, workload, journeys } = options;
    this.#workload = workload;
    this.#journeys = journeys;
    const total = journeys.reduce((sum, journey) => sum + journey.weight, 0);
    this.#shares = Float64Array.from(journeys, (journey) =>
      total > 0 ? journey.weight / total : 0,
    );
    const names = journeys.map(({ name }) => name);
    this.#entities = Uint32Array.from(names, hashText);
    this.#countKey = createDrawKey(seed, 'workload/count');
    const { noiseSd: sd, noiseSlope: slope } = workload;
    this.#noise = new DemandNoise({ seed, journeys: names, sd, slope });
    const { crowdsPerDay: perDay, largestCrowd: largest } = workload;
    this.#crowds = new Crowds({ seed, perDay, largest });
    this.expected = new Float64Array(journeys.length);
    this.counts = new Float64Array(journeys.length);
    this.draws = new Float64Array(2 * journeys.length);
  }

  /** Fills `expected`, `counts` and `draws` for the second that ends at `atMs`. */
  play(atMs: number, loadFactors: readonly LoadFactor[]): void {
    const middleMs = atMs - 500;
    const tick = Math.round(atMs / 1000);
    const { noiseSd, recording, dispersion } = this.#workload;
    const isNoisy = recording === null;
    const total = this.#totalPerSec(middleMs);
    this.#noise.play(middleMs);
    for (let j = 0; j < this.#journeys.length; j += 1) {
      const noise = this.#noise.values[j] as number;
      const uniform = uniformAt(this.#countKey, this.#entities[j] as number, tick);
      this.draws[2 * j] = noise;
      this.draws[2 * j + 1] = uniform;
      let rate = total * (this.#shares[j] as number);
      if (isNoisy) rate *= Math.exp(noise - 0.5 * noiseSd * noiseSd);
      for (const factor of loadFactors) {
        if (factor.journey === '*' || factor.journey === (this.#journeys[j] as JourneySpec).name) {
          rate *= loadFactorAt(factor, middleMs);
        }
      }
      this.expected[j] = rate;
      this.counts[j] = requestCount(rate, dispersion, uniform);
    }
  }

  #totalPerSec(atMs: number): number {
    const { recording, requestsPerSec, dailySwing, peakHour } = this.#workload;
    if (recording) return recordedPerSec(recording, atMs);
    const hour = hourAtZero + atMs / 3_600_000;
    const angle = ((hour - peakHour) * Math.PI) / 12;
    const day = Math.cos(angle) + slantShare * Math.sin(2 * angle);
    const week = weeklyShare * Math.sin((2 * Math.PI * atMs) / weekMs);
    const rhythm = Math.max(0, 1 + dailySwing * (day + week));
    return requestsPerSec * rhythm * this.#crowds.factorAt(atMs);
  }
}

function recordedPerSec(recording: NonNullable<WorkloadSpec['recording']>, atMs: number): number {
  const { startMs, stepMs, requestsPerSec } = recording;
  const last = requestsPerSec.length - 1;
  const position = Math.min(last, Math.max(0, (atMs - startMs) / stepMs));
  const low = Math.floor(position);
  const from = requestsPerSec[low] ?? 0;
  const to = requestsPerSec[Math.min(last, low + 1)] ?? 0;
  return from + (to - from) * (position - low);
}

/** The factor at an instant: 1 outside, `factor` inside, linear on both ramps. */
export function loadFactorAt(load: LoadFactor, atMs: number): number {
  const { factor, startMs, rampMs, endMs } = load;
  if (atMs < startMs) return 1;
  const risenUntilMs = endMs === null ? atMs : Math.min(atMs, endMs);
  const risen = rampMs > 0 ? Math.min(1, Math.max(0, (risenUntilMs - startMs) / rampMs)) : 1;
  const isOver = endMs !== null && atMs >= endMs;
  const fallen = isOver ? (rampMs > 0 ? (atMs - endMs) / rampMs : 1) : 0;
  return 1 + (factor - 1) * Math.max(0, risen - fallen);
}

/**
 * A count of this mean and of `dispersion` times its variance, from one uniform: users come in
 * sessions, so that counts scatter more than Poisson's (1). Exact inversion of the negative
 * binomial law below a mean of 30, its gamma limit by Wilson and Hilferty (1931) above, rounded.
 */
export function requestCount(mean: number, dispersion: number, uniform: number): number {
  if (mean <= 0) return 0;
  if (mean >= 30) {
    const z = normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, uniform)));
    if (dispersion <= 1) return Math.max(0, Math.round(mean + Math.sqrt(mean) * z));
    const ninth = dispersion / (9 * mean);
    const root = Math.max(0, 1 - ninth + z * Math.sqrt(ninth));
    return Math.round(mean * root * root * root);
  }
  const excess = Math.max(0, dispersion - 1);
  const ratio = excess / (1 + excess);
  let term = Math.exp(excess > 0 ? (-mean / excess) * Math.log(1 + excess) : -mean);
  let cumulated = term;
  let count = 0;
  while (uniform >= cumulated && count < 2000) {
    term *= excess > 0 ? (ratio * (mean / excess + count)) / (count + 1) : mean / (count + 1);
    count += 1;
    cumulated += term;
    if (term < 1e-18 && count > mean) break;
  }
  return count;
}
