import {
  createDrawKey,
  hashText,
  normalAt,
  normalQuantile,
  uniformAt,
} from '../../core/tools/index.ts';
import type { JourneySpec, WorkloadSpec } from '../../core/truth/index.ts';
import type { LoadFactor } from '../conditions.ts';

const minuteMs = 60_000;
/** Virtual time 0 is 09:00 UTC. */
const hourAtZero = 9;

/**
 * The user request rate per journey. Nothing here has a memory: every draw is addressed by
 * (seed, journey, time), so forks and healers cannot disturb it.
 */
export class Arrivals {
  readonly #workload: WorkloadSpec;
  readonly #journeys: readonly JourneySpec[];
  readonly #shares: Float64Array;
  readonly #entities: Uint32Array;
  readonly #innovationKey: number;
  readonly #countKey: number;
  readonly #weights: Float64Array;
  readonly #noiseFrom: Float64Array;
  readonly #noiseTo: Float64Array;
  #minute = Number.NaN;
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
    this.#entities = Uint32Array.from(journeys, (journey) => hashText(journey.name));
    this.#innovationKey = createDrawKey(seed, 'workload/innovation');
    this.#countKey = createDrawKey(seed, 'workload/count');
    this.#weights = movingSumWeights(workload.noisePhi, workload.noiseSd);
    this.#noiseFrom = new Float64Array(journeys.length);
    this.#noiseTo = new Float64Array(journeys.length);
    this.expected = new Float64Array(journeys.length);
    this.counts = new Float64Array(journeys.length);
    this.draws = new Float64Array(2 * journeys.length);
  }

  /** Fills `expected`, `counts` and `draws` for the second that ends at `atMs`. */
  play(atMs: number, loadFactors: readonly LoadFactor[]): void {
    const middleMs = atMs - 500;
    const tick = Math.round(atMs / 1000);
    const total = this.#totalPerSec(middleMs);
    const isNoisy = this.#workload.recording === null;
    this.#turnMinute(Math.floor(middleMs / minuteMs));
    const part = middleMs / minuteMs - this.#minute;
    const { noiseSd } = this.#workload;
    for (let j = 0; j < this.#journeys.length; j += 1) {
      const noise =
        (this.#noiseFrom[j] as number) * (1 - part) + (this.#noiseTo[j] as number) * part;
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
      this.counts[j] = poissonCount(rate, uniform);
    }
  }

  #totalPerSec(atMs: number): number {
    const { recording, requestsPerSec, dailySwing, peakHour } = this.#workload;
    if (recording) return recordedPerSec(recording, atMs);
    const hour = hourAtZero + atMs / 3_600_000;
    return requestsPerSec * (1 + dailySwing * Math.cos(((hour - peakHour) * Math.PI) / 12));
  }

  /** Within a minute the noise moves linearly from this minute's value to the next one's. */
  #turnMinute(minute: number): void {
    if (minute === this.#minute) return;
    this.#minute = minute;
    for (let j = 0; j < this.#journeys.length; j += 1) {
      const entity = this.#entities[j] as number;
      this.#noiseFrom[j] = this.#noiseAt(entity, minute);
      this.#noiseTo[j] = this.#noiseAt(entity, minute + 1);
    }
  }

  #noiseAt(entity: number, minute: number): number {
    let sum = 0;
    for (let k = 0; k < this.#weights.length; k += 1) {
      sum += (this.#weights[k] as number) * normalAt(this.#innovationKey, entity, minute - k);
    }
    return sum;
  }
}

/**
 * An AR(1) process as a moving sum of its last innovations, cut where phi^k < 0.001 (at most 240
 * terms) and scaled so that its standard deviation is exactly `sd`.
 */
function movingSumWeights(phi: number, sd: number): Float64Array {
  if (sd <= 0) return new Float64Array(0);
  const weights: number[] = [];
  let squares = 0;
  for (let weight = 1; weights.length < 240 && weight >= 1e-3; weight *= phi) {
    weights.push(weight);
    squares += weight * weight;
  }
  const scale = sd / Math.sqrt(squares);
  return Float64Array.from(weights, (weight) => weight * scale);
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

/** A Poisson count from one uniform: exact inversion below a mean of 30, rounded normal above. */
export function poissonCount(mean: number, uniform: number): number {
  if (mean <= 0) return 0;
  if (mean >= 30) {
    const z = normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, uniform)));
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z));
  }
  let term = Math.exp(-mean);
  let cumulated = term;
  let count = 0;
  while (uniform >= cumulated && count < 200) {
    count += 1;
    term *= mean / count;
    cumulated += term;
  }
  return count;
}
