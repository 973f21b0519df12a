import { quantile } from '../../core/tools/index.ts';
import type { JourneySpec, WorkloadSpec } from '../../core/truth/index.ts';
import type { Assume } from './assumptions.ts';
import type { FittedRates } from './fit-rates.ts';
import { type MetricFacts, windowMs } from './metric-facts.ts';
import { safeName, uniqueName } from './safe-names.ts';
import type { TraceStatistics } from './trace-statistics.ts';

const dayMs = 86_400_000;
/** Less than this much of a day does not tell a daily rhythm from a trend. */
const rhythmMinMs: number = 0.8 * dayMs;
/** Minutes of data from which on the noise of the rate is estimated. */
const noiseMinWindows = 60;
/** What demand is taken to be like where the data do not tell. */
const usualNoise = { sd: 0.05, slope: 1.2, dispersion: 1 } as const;
/**
 * Noise has its variance on these time scales; what a stretch of data shows is between the others.
 */
const allScalesSec = { low: 16, high: 65_536 } as const;
const shownFromSec = 60;
const shownPart = 0.25;
const usualPeakHour = 15;
/** An objective at this many times the usual 95th percentile. */
const sloFactor = 4;
const patienceMs = 10_000;

/** The rate of user requests, its rhythm and its noise. */
export function fitWorkload(
  rates: FittedRates,
  metrics: MetricFacts,
  assume: Assume,
): WorkloadSpec {
  const values = rates.totalByWindow;
  const lengthMs = values.length * windowMs;
  const base = { requestsPerSec: round(rates.requestsPerSec), recording: null };
  const rhythm = lengthMs >= rhythmMinMs ? fitRhythm(values, metrics.fromMs) : null;
  if (!rhythm) {
    assume('workload', 'dailySwing', '0', `the data covers ${hours(lengthMs)}, less than a day`);
  }
  const noise = fitNoise(rates, rhythm !== null);
  if (!noise) {
    const why = 'less than an hour of request rates by minute';
    const { sd, dispersion } = usualNoise;
    assume('workload', 'noiseSd, dispersion', `${sd}, ${dispersion}`, why);
  }
  const why = 'how demand moves over weeks and how often crowds come takes weeks to see';
  assume('workload', 'noiseSlope, crowdsPerDay', `${usualNoise.slope}, 0`, why);
  return {
    ...base,
    ...(rhythm && { requestsPerSec: round(rhythm.mean) }),
    dailySwing: round(rhythm?.swing ?? 0),
    peakHour: round(rhythm?.peakHour ?? usualPeakHour),
    noiseSd: round(noise?.sd ?? usualNoise.sd),
    noiseSlope: usualNoise.slope,
    dispersion: round(noise?.dispersion ?? usualNoise.dispersion),
    crowdsPerDay: 0,
    largestCrowd: 0,
    // What happened in the recording is in the recording; more of it is for the owner to ask for.
    happeningsPerHour: 0,
  };
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(1)} hours`;
}

/** Four significant digits: more is noise. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Least squares of mean · (1 + a cos + b sin) over the hours of the day, UTC. */
function fitRhythm(
  values: Float64Array,
  fromMs: number,
): { mean: number; swing: number; peakHour: number } | null {
  const rows: { basis: readonly number[]; value: number }[] = [];
  values.forEach((value, w) => {
    const angle = (2 * Math.PI * ((fromMs + (w + 0.5) * windowMs) % dayMs)) / dayMs;
    if (!Number.isNaN(value)) rows.push({ basis: [1, Math.cos(angle), Math.sin(angle)], value });
  });
  const solved = solveThree(rows);
  if (!solved) return null;
  const [mean, cosine, sine] = solved;
  const swing = Math.min(1, Math.hypot(cosine, sine) / mean);
  const peakHour = ((Math.atan2(sine, cosine) * 12) / Math.PI + 24) % 24;
  return { mean, swing, peakHour };
}

/** Normal equations of three unknowns by Gaussian elimination; null when they do not tell. */
function solveThree(
  rows: readonly { readonly basis: readonly number[]; readonly value: number }[],
): [number, number, number] | null {
  const table = [0, 1, 2].map((i) => {
    const sumOf = (factor: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((sum, row) => sum + (row.basis[i] as number) * factor(row), 0);
    return [...[0, 1, 2].map((j) => sumOf((row) => row.basis[j] as number)), sumOf((r) => r.value)];
  });
  const cell = (i: number, j: number): number => (table[i] as number[])[j] as number;
  for (let pivot = 0; pivot < 3; pivot += 1) {
    if (Math.abs(cell(pivot, pivot)) < 1e-9) return null;
    for (let i = 0; i < 3; i += 1) {
      if (i === pivot) continue;
      const factor = cell(i, pivot) / cell(pivot, pivot);
      table[i] = (table[i] as number[]).map((value, j) => value - factor * cell(pivot, j));
    }
  }
  return [0, 1, 2].map((i) => cell(i, 3) / cell(i, i)) as [number, number, number];
}

/**
 * Size of the noise of the log rate over all scales, and variance over mean of the counts. What one
 * minute has by chance makes neighbouring changes go against each other; the rest is noise, of
 * which the data show the scales between a minute and a quarter of a stretch.
 */
function fitNoise(
  rates: FittedRates,
  hasRhythm: boolean,
): { sd: number; dispersion: number } | null {
  let variance = 0;
  let dispersion = 0;
  let weight = 0;
  let stretchSec = 0;
  for (const { byWindow, requestsPerSec } of rates.entries) {
    if (byWindow.length < noiseMinWindows || rates.source === 'traces') continue;
    const stretch = hasRhythm ? 60 : byWindow.length;
    const logs = detrend(Array.from(byWindow, Math.log), stretch);
    const changes = logs.slice(1).map((value, i) => value - (logs[i] as number));
    const chance = Math.max(0, -covariance(changes, 1));
    variance += requestsPerSec * Math.max(0, covariance(logs, 0) - chance);
    dispersion += requestsPerSec * (chance * requestsPerSec * (windowMs / 1000));
    weight += requestsPerSec;
    stretchSec = (stretch * windowMs) / 1000;
  }
  if (weight === 0) return null;
  const shown = bandShare(shownFromSec, shownPart * stretchSec);
  return {
    sd: Math.sqrt(variance / weight / shown),
    dispersion: Math.max(1, dispersion / weight),
  };
}

/** Share of the noise's variance between two time scales: a band's grows as its scale^(slope-1). */
function bandShare(lowSec: number, highSec: number): number {
  const at = (sec: number): number => Math.exp((usualNoise.slope - 1) * Math.log(sec));
  return (at(highSec) - at(lowSec)) / (at(allScalesSec.high) - at(allScalesSec.low));
}

/** Removes a line per stretch of so many values. */
function detrend(values: readonly number[], stretch: number): number[] {
  const rest: number[] = [];
  for (let from = 0; from < values.length; from += stretch) {
    const part = values
      .slice(from, from + stretch)
      .map((v) => (Number.isFinite(v) ? v : Number.NaN));
    const points = part.flatMap((y, x) => (Number.isNaN(y) ? [] : [{ x, y }]));
    const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
    const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
    const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
    const slope =
      spread > 0
        ? points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
        : 0;
    rest.push(...part.map((y, x) => y - meanY - slope * (x - meanX)));
  }
  return rest;
}

function covariance(values: readonly number[], lag: number): number {
  let sum = 0;
  let count = 0;
  for (let i = lag; i < values.length; i += 1) {
    const product = (values[i] as number) * (values[i - lag] as number);
    if (Number.isNaN(product)) continue;
    sum += product;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

/** What users ask for, with their shares in percent. */
export function fitJourneys(
  rates: FittedRates,
  traces: TraceStatistics,
  assume: Assume,
): JourneySpec[] {
  const total = rates.entries.reduce((sum, { requestsPerSec }) => sum + requestsPerSec, 0);
  const taken = new Set<string>();
  return rates.entries.map(({ key, journey, requestsPerSec }) => {
    const slash = key.indexOf('/');
    const operation = key.slice(slash + 1);
    const name = uniqueName(safeName(journey ?? operation), taken);
    const durations = traces.operations.get(key)?.durationsMs ?? [];
    const usualMs = durations.length > 0 ? quantile(durations, 0.95) : 100;
    const latencySloMs = Math.max(50, 10 * Math.ceil((sloFactor * usualMs) / 10));
    assume(
      `journey ${name}`,
      'latencySlo',
      `${latencySloMs} ms`,
      `${sloFactor} times the 95th percentile seen; set your own objective`,
    );
    assume(`journey ${name}`, 'timeout, retries', '10 s, 0', 'users leave no trace of giving up');
    return {
      name,
      service: safeName(key.slice(0, slash)),
      operation,
      weight: round((100 * requestsPerSec) / total),
      latencySloMs,
      timeoutMs: patienceMs,
      retries: 0,
      itemType: null,
    };
  });
}
