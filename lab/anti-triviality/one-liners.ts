import {
  type MetricsFrame,
  type SignalName,
  signalCatalogue,
} from '../../core/observable/index.ts';
import { createDrawKey, standardDeviation, uniformAt } from '../../core/tools/index.ts';

/**
 * What one line of code looks at: one number per scrape; it alarms where that exceeds a constant.
 */
export interface OneLiner {
  readonly name: string;
  /**
   * `entry`: what users feel at the front door; `component`: what services, pods and nodes report.
   */
  readonly reads: 'component' | 'entry' | 'nothing';
  /** A plain threshold on one metric. */
  readonly isThreshold: boolean;
}

const families = [
  'max',
  'min',
  'max |diff|',
  'max moving range',
  'max moving sd',
  'max |z|',
] as const;
type Family = (typeof families)[number];

const signalNames: readonly SignalName[] = signalCatalogue.map(({ name }) => name);

function isEntry(signal: SignalName): boolean {
  const scope = signalCatalogue.find(({ name }) => name === signal)?.scope;
  return scope === 'user' || scope === 'business';
}

const overall = [
  'max |z| of all',
  'mean |z| of all',
  'share beyond 4 sd',
  'share missing',
] as const;

/** Every one-liner, in the order of the rows of {@link scoreFrames}. */
export const oneLiners: readonly OneLiner[] = [
  ...signalNames.flatMap((signal) =>
    families.map(
      (family): OneLiner => ({
        name: `${family} ${signal}`,
        reads: isEntry(signal) ? 'entry' : 'component',
        isThreshold: family === 'max' || family === 'min',
      }),
    ),
  ),
  ...overall.map((name): OneLiner => ({ name, reads: 'component', isThreshold: false })),
  { name: 'the clock', reads: 'nothing', isThreshold: false },
  { name: 'random', reads: 'nothing', isThreshold: true },
];

const shortWindow = 4;
const longWindow = 8;
/** A series is not judged by its own past before it has this many values. */
const pastMin = 10;
/** A z-score's deviation is at least this share of the mean, so that calm series do not shout. */
const leastShare = 0.05;

/** One row per one-liner, one column per frame; NaN where it has nothing to say. */
export function scoreFrames(
  frames: readonly MetricsFrame[],
  seed: number,
): readonly Float64Array[] {
  const rows = oneLiners.map(() => new Float64Array(frames.length).fill(Number.NaN));
  const tally = new Tally(frames.length);
  const { series } = frames.at(-1)?.index ?? { series: [] };
  series.forEach(({ signal }, column) => {
    const values = Float64Array.from(frames, (frame) => frame.values[column] ?? Number.NaN);
    const first = signalNames.indexOf(signal) * families.length;
    scoreSeries(values, (family, at, score) => {
      const row = rows[first + families.indexOf(family)] as Float64Array;
      if (!((row[at] as number) >= score)) row[at] = score;
      if (family === 'max |z|' && !isEntry(signal)) tally.add(at, score);
    });
    tally.addGaps(values);
  });
  const rest = rows.slice(signalNames.length * families.length);
  tally.write(rest);
  const key = createDrawKey(seed, 'random-one-liner');
  frames.forEach((frame, i) => {
    // Its constant is an instant: it alarms in the one scrape that the constant lies in.
    (rest[overall.length] as Float64Array)[i] = frame.atMs;
    (rest[overall.length + 1] as Float64Array)[i] = uniformAt(key, 0, i);
  });
  return rows;
}

/** Tells every family's number of one series at every frame. */
function scoreSeries(
  values: Float64Array,
  tell: (family: Family, at: number, score: number) => void,
): void {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    tell('max', i, value);
    tell('min', i, -value);
    const step = Math.abs(value - (values[i - 1] ?? Number.NaN));
    if (!Number.isNaN(step)) tell('max |diff|', i, step);
    tellWindows(values, i, tell);
    if (count >= pastMin) {
      const sd = Math.sqrt(squares / (count - 1));
      const scale = Math.max(sd, leastShare * Math.abs(mean), 1e-3);
      tell('max |z|', i, Math.abs(value - mean) / scale);
    }
    count += 1;
    const delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }
}

function tellWindows(
  values: Float64Array,
  i: number,
  tell: (family: Family, at: number, score: number) => void,
): void {
  if (i >= shortWindow) {
    let range = 0;
    for (let k = i - shortWindow + 1; k <= i; k += 1) {
      range += Math.abs((values[k] as number) - (values[k - 1] as number));
    }
    if (!Number.isNaN(range)) tell('max moving range', i, range / shortWindow);
  }
  if (i >= longWindow - 1) {
    const sd = standardDeviation(values.subarray(i - longWindow + 1, i + 1));
    if (!Number.isNaN(sd)) tell('max moving sd', i, sd);
  }
}

/** What is said of all component series together. */
class Tally {
  readonly #most: Float64Array;
  readonly #sum: Float64Array;
  readonly #count: Float64Array;
  readonly #beyond: Float64Array;
  readonly #gaps: Float64Array;
  #columns = 0;

  constructor(frames: number) {
    this.#most = new Float64Array(frames);
    this.#sum = new Float64Array(frames);
    this.#count = new Float64Array(frames);
    this.#beyond = new Float64Array(frames);
    this.#gaps = new Float64Array(frames);
  }

  add(at: number, z: number): void {
    this.#most[at] = Math.max(this.#most[at] as number, z);
    this.#sum[at] = (this.#sum[at] as number) + z;
    this.#count[at] = (this.#count[at] as number) + 1;
    if (z > 4) this.#beyond[at] = (this.#beyond[at] as number) + 1;
  }

  addGaps(values: Float64Array): void {
    this.#columns += 1;
    for (let i = 0; i < values.length; i += 1) {
      if (Number.isNaN(values[i] as number)) this.#gaps[i] = (this.#gaps[i] as number) + 1;
    }
  }

  write(rows: readonly Float64Array[]): void {
    const [most, mean, beyond, missing] = rows as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let i = 0; i < most.length; i += 1) {
      missing[i] = (this.#gaps[i] as number) / Math.max(1, this.#columns);
      const count = this.#count[i] as number;
      if (count === 0) continue;
      most[i] = this.#most[i] as number;
      mean[i] = (this.#sum[i] as number) / count;
      beyond[i] = (this.#beyond[i] as number) / count;
    }
  }
}
