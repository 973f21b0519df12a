import { mean, median, quantileSorted, standardDeviation } from '../../core/tools/index.ts';

/** What is measured of one window; all are free of unit and scale. */
export interface Features {
  /** Share of points not recorded. */
  readonly missing: number;
  /** Mean length of a gap in points; 0 without gaps. */
  readonly gapLength: number;
  /** Share of points equal to the one before. */
  readonly repeated: number;
  /** Standard deviation over mean. */
  readonly variation: number;
  /** Hill's tail index of the absolute changes; small is heavy. */
  readonly tailIndex: number;
  /** Autocorrelation of neighbouring points, and of points an hour (15 s grids: a minute) apart. */
  readonly acfNear: number;
  readonly acfFar: number;
  /** Autocorrelation of neighbouring changes; −0.5 for white noise. */
  readonly changeAcf: number;
  /** Share of variance that a daily rhythm with two harmonics explains. */
  readonly seasonality: number;
  /** Slope of log power over log frequency: 0 white, −1 pink, −2 a random walk. */
  readonly spectralSlope: number;
  /** Where the median lies between the 5 % and 95 % quantiles: −1 to 1. */
  readonly skewness: number;
  /** Share of variance that lies between the means of eight blocks. */
  readonly stability: number;
  /** Largest over median standard deviation of eight blocks. */
  readonly lumpiness: number;
}

export type FeatureName = keyof Features;

const hourMs = 3_600_000;
const blocks = 8;
/** Below this share of recorded points a window says nothing about its dynamics. */
const recordedMin = 0.5;

/** The features of a window; null when it is constant or mostly missing. */
export function featuresOf(values: Float64Array, stepMs: number): Features | null {
  const seen = values.filter((value) => !Number.isNaN(value));
  const spread = standardDeviation(seen);
  const centre = mean(seen);
  if (seen.length < recordedMin * values.length || !(spread > 1e-9 * Math.abs(centre))) return null;
  const filled = interpolate(values);
  const changes = Float64Array.from({ length: filled.length - 1 }, (_, i) =>
    Math.abs((filled[i + 1] as number) - (filled[i] as number)),
  );
  const signed = changes.map((_, i) => (filled[i + 1] as number) - (filled[i] as number));
  const sorted = seen.toSorted();
  const [low, middle, high] = [0.05, 0.5, 0.95].map((q) => quantileSorted(sorted, q)) as [
    number,
    number,
    number,
  ];
  const isDaily = values.length * stepMs >= 36 * hourMs;
  return {
    ...gapsOf(values),
    repeated: repeatedShare(values),
    variation: spread / Math.max(Math.abs(centre), 1e-12),
    tailIndex: hillIndex(changes),
    acfNear: autocorrelation(filled, 1),
    acfFar: autocorrelation(filled, isDaily ? Math.round(hourMs / stepMs) : 4),
    changeAcf: autocorrelation(signed, 1),
    seasonality: isDaily ? rhythmShare(filled, (24 * hourMs) / stepMs) : 0,
    spectralSlope: spectralSlope(filled),
    skewness: high > low ? (high + low - 2 * middle) / (high - low) : 0,
    ...blocksOf(filled, spread),
  };
}

function gapsOf(values: Float64Array): Pick<Features, 'missing' | 'gapLength'> {
  let missing = 0;
  let gaps = 0;
  for (let i = 0; i < values.length; i += 1) {
    if (!Number.isNaN(values[i])) continue;
    missing += 1;
    if (i === 0 || !Number.isNaN(values[i - 1])) gaps += 1;
  }
  return { missing: missing / values.length, gapLength: gaps > 0 ? missing / gaps : 0 };
}

function repeatedShare(values: Float64Array): number {
  let repeated = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] === values[i - 1]) repeated += 1;
  return repeated / (values.length - 1);
}

/** Gaps filled linearly; at the ends the nearest value. */
function interpolate(values: Float64Array): Float64Array {
  const filled = values.slice();
  let before = -1;
  for (let i = 0; i <= filled.length; i += 1) {
    if (i < filled.length && Number.isNaN(filled[i])) continue;
    const from = filled[before] ?? filled[i] ?? 0;
    const to = filled[i] ?? from;
    for (let j = before + 1; j < i; j += 1) {
      filled[j] = from + ((to - from) * (j - before)) / (i - before);
    }
    before = i;
  }
  return filled;
}

/**
 * Hill's estimator over the largest tenth of the positive values, at least five (Hill 1975). Wrong
 * by design for light tails, where it only says "large"; capped at 20.
 */
export function hillIndex(values: Float64Array): number {
  const sorted = values.filter((value) => value > 0).sort();
  const k = Math.max(5, Math.ceil(sorted.length / 10));
  if (sorted.length <= k) return 20;
  const threshold = sorted[sorted.length - k - 1] as number;
  let sum = 0;
  for (let i = sorted.length - k; i < sorted.length; i += 1) {
    sum += Math.log((sorted[i] as number) / threshold);
  }
  return sum > 0 ? Math.min(20, k / sum) : 20;
}

/** The usual biased estimator of the autocorrelation at a lag; 0 for a constant. */
export function autocorrelation(values: Float64Array, lag: number): number {
  const centre = mean(values);
  let own = 0;
  let lagged = 0;
  for (let i = 0; i < values.length; i += 1) {
    const deviation = (values[i] as number) - centre;
    own += deviation * deviation;
    if (i >= lag) lagged += deviation * ((values[i - lag] as number) - centre);
  }
  return own > 0 ? lagged / own : 0;
}

/** Share of variance explained by sine and cosine of a period and of half of it. */
function rhythmShare(values: Float64Array, period: number): number {
  const centre = mean(values);
  let total = 0;
  const sums = new Float64Array(4);
  for (let i = 0; i < values.length; i += 1) {
    const deviation = (values[i] as number) - centre;
    total += deviation * deviation;
    for (let harmonic = 1; harmonic <= 2; harmonic += 1) {
      const angle = (2 * Math.PI * harmonic * i) / period;
      const at = 2 * (harmonic - 1);
      sums[at] = (sums[at] as number) + deviation * Math.cos(angle);
      sums[at + 1] = (sums[at + 1] as number) + deviation * Math.sin(angle);
    }
  }
  let explained = 0;
  for (const sum of sums) explained += (2 * sum * sum) / values.length;
  return total > 0 ? Math.min(1, explained / total) : 0;
}

/**
 * Least-squares slope of log power over log frequency of the Hann-tapered periodogram, in octaves
 * so that high frequencies do not outvote the others. A direct transform: O(n · octaves · 8).
 */
export function spectralSlope(values: Float64Array): number {
  const n = values.length;
  const centre = mean(values);
  const tapered = values.map(
    (value, i) => (value - centre) * (0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n)),
  );
  const logs: [frequency: number, power: number][] = [];
  // The taper smears the two lowest frequencies into each other; the daily rhythm sits there too.
  for (let from = 3; from <= n / 2; from *= 2) {
    const to = Math.min(2 * from, Math.floor(n / 2) + 1);
    const count = Math.min(8, to - from);
    let power = 0;
    let logFrequency = 0;
    for (let j = 0; j < count; j += 1) {
      const k = from + Math.floor((j * (to - from)) / count);
      power += powerAt(tapered, k) / count;
      logFrequency += Math.log(k) / count;
    }
    if (power > 0) logs.push([logFrequency, Math.log(power)]);
  }
  if (logs.length < 2) return 0;
  const meanX = mean(logs.map(([x]) => x));
  const meanY = mean(logs.map(([, y]) => y));
  let xy = 0;
  let xx = 0;
  for (const [x, y] of logs) {
    xy += (x - meanX) * (y - meanY);
    xx += (x - meanX) ** 2;
  }
  return xy / xx;
}

function powerAt(values: Float64Array, k: number): number {
  let real = 0;
  let imaginary = 0;
  for (let i = 0; i < values.length; i += 1) {
    const angle = (2 * Math.PI * k * i) / values.length;
    real += (values[i] as number) * Math.cos(angle);
    imaginary += (values[i] as number) * Math.sin(angle);
  }
  return real * real + imaginary * imaginary;
}

function blocksOf(values: Float64Array, spread: number): Pick<Features, 'stability' | 'lumpiness'> {
  const means: number[] = [];
  const deviations: number[] = [];
  for (let b = 0; b < blocks; b += 1) {
    const block = values.subarray(
      Math.floor((b * values.length) / blocks),
      Math.floor(((b + 1) * values.length) / blocks),
    );
    means.push(mean(block));
    deviations.push(standardDeviation(block));
  }
  const usual = median(deviations);
  return {
    stability: Math.min(1, (standardDeviation(means) / spread) ** 2),
    lumpiness: usual > 0 ? Math.min(50, Math.max(...deviations) / usual) : 50,
  };
}
