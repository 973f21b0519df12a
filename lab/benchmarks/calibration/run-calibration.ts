import { createStream } from '../../../core/tools/index.ts';
import { pointDetectorNames } from '../../../detectors/index.ts';
import { fusedBefore, fusedPooled, type Heard, listen } from './listen.ts';
import { Survival } from './survival.ts';

/** Tails are fitted on these and held to account on the others. */
export const trainingTopologies: readonly string[] = ['online_boutique', 'social_network'];
export const testTopologies: readonly string[] = ['edge_retail', 'train_ticket'];

/** Chances at which the tails have a knot each, as -log10. */
const knots = [1, 2, 3, 4, 5];

export interface CalibrationOptions {
  readonly seeds: readonly number[];
  /** Hours of each healthy world; the first counts for nothing. */
  readonly hours: number;
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

export interface CalibrationReport {
  readonly benchmark: 'calibration';
  readonly topologies: readonly string[];
  readonly rows: readonly CalibrationRow[];
}

/** Rare values, of which there were `n`, over as many as promised; bootstrapped over series. */
export interface Ratio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export interface CalibrationRow {
  readonly name: string;
  /** Values and series that were heard. */
  readonly values: number;
  readonly series: number;
  /** Seen over promised at p = 1e-3 and 1e-5, all series together, with 95 % intervals. */
  readonly at3: Ratio;
  readonly at5: Ratio;
  /** Where it must lie within a factor of two; the other is printed, not promised. */
  readonly required: 'at3' | 'at5' | null;
  /** Share of series whose own rate at p = 1e-3 is no more than twice what was promised. */
  readonly seriesWithin: number;
}

/** How often healthy values of the test topologies are as rare as each method says they are. */
export async function runCalibration(options: CalibrationOptions): Promise<CalibrationReport> {
  const heard = await listenTo(testTopologies, pointDetectorNames, options);
  return {
    benchmark: 'calibration',
    topologies: testTopologies,
    rows: [...heard].map(([name, all]) => rowOf(name, all)),
  };
}

/** Fits the pooled tail of the fused score on the training topologies: the height of each knot. */
export async function fitTails(options: CalibrationOptions): Promise<readonly number[]> {
  const heard = await listenTo(trainingTopologies, [], options);
  return heightsOf(heard.get(fusedBefore) ?? []);
}

async function listenTo(
  topologies: readonly string[],
  methods: readonly string[],
  { seeds, hours, onProgress }: CalibrationOptions,
): Promise<Map<string, Heard[]>> {
  const heard = new Map<string, Heard[]>();
  const runs = topologies.flatMap((topology) => seeds.map((seed) => ({ topology, seed })));
  for (const [i, { topology, seed }] of runs.entries()) {
    onProgress?.(i, runs.length, `${topology} ${seed}`);
    for (const [name, one] of await listen({ topology, seed, hours, methods })) {
      heard.set(name, [...(heard.get(name) ?? []), one]);
    }
  }
  return heard;
}

function rowOf(name: string, heard: readonly Heard[]): CalibrationRow {
  const series = heard.flatMap(({ values, rare, rarest }) =>
    values.flatMap((count, i): Series[] => {
      return count > 0 ? [{ values: count, rare: rare[i]!, rarest: rarest[i]! }] : [];
    }),
  );
  return {
    name,
    values: sum(heard.map(({ survival }) => survival.total)),
    series: series.length,
    at3: ratioOf(series, 'rare', 1e-3),
    at5: ratioOf(series, 'rarest', 1e-5),
    required: name === fusedPooled ? 'at5' : name === fusedBefore ? null : 'at3',
    seriesWithin: series.filter(({ values, rare }) => rare <= 2e-3 * values).length / series.length,
  };
}

interface Series {
  readonly values: number;
  readonly rare: number;
  readonly rarest: number;
}

/** Enough for two digits of an interval that is held against a factor of two. */
const draws = 500;

/** Series are drawn whole, for a series' rare values come together. */
function ratioOf(series: readonly Series[], kind: 'rare' | 'rarest', promised: number): Ratio {
  const n = sum(series.map((one) => one[kind]));
  const stream = createStream(1, 'calibration/bootstrap');
  const ratios = Float64Array.from({ length: draws }, () => {
    let seen = 0;
    let values = 0;
    for (let i = 0; i < series.length; i += 1) {
      const one = series[Math.floor(stream.next() * series.length)]!;
      seen += one[kind];
      values += one.values;
    }
    return seen / (values * promised);
  }).sort();
  return {
    value: n / (sum(series.map(({ values }) => values)) * promised),
    low: ratios[Math.floor(0.025 * draws)]!,
    high: ratios[Math.ceil(0.975 * draws) - 1]!,
    n,
  };
}

/** Heights at the knots, all values of all worlds taken together. */
function heightsOf(heard: readonly Heard[]): number[] {
  const all = new Survival();
  for (const { survival } of heard) all.merge(survival);
  return knots.map((knot) => Number(all.heightOf(10 ** -knot).toPrecision(4)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
