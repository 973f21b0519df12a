import { createStream } from '../../../core/tools/index.ts';
import { type Figure, noFigure } from '../../../core/truth/index.ts';
import { pointDetectorNames } from '../../../detectors/index.ts';
import type { BenchmarkReport, BenchmarkRow } from '../benchmark-report.ts';
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

interface CalibrationScores {
  /** Rare values over as many as promised at p = 1e-3 and 1e-5, all series together. */
  readonly at3: number | null;
  readonly at5: number | null;
  /** Share of series whose own rate at p = 1e-3 is no more than twice what was promised. */
  readonly seriesWithin: number | null;
}

export interface CalibrationRow extends BenchmarkRow<CalibrationScores> {
  /** Values that were heard. */
  readonly values: number;
  /** The same with intervals, bootstrapped over series; their `n` counts rare values. */
  readonly figures: { readonly at3: Figure; readonly at5: Figure };
  /** Where it must lie within a factor of two; the other is printed, not promised. */
  readonly required: 'at3' | 'at5' | null;
}

/** `n` counts series; entities are topologies. */
export interface CalibrationReport extends BenchmarkReport<CalibrationScores> {
  readonly rows: readonly CalibrationRow[];
}

/** How often healthy values of the test topologies are as rare as each method says they are. */
export async function runCalibration(options: CalibrationOptions): Promise<CalibrationReport> {
  return reportCalibration(await listenTo(testTopologies, pointDetectorNames, options));
}

/** Fits the pooled tail of the fused score on the training topologies: the height of each knot. */
export async function fitTails(options: CalibrationOptions): Promise<readonly number[]> {
  const heard = await listenTo(trainingTopologies, [], options);
  return heightsOf(heard.filter(({ name }) => name === fusedBefore));
}

/** What one method heard in one world. */
interface HeardInWorld extends Heard {
  readonly name: string;
  readonly topology: string;
}

async function listenTo(
  topologies: readonly string[],
  methods: readonly string[],
  { seeds, hours, onProgress }: CalibrationOptions,
): Promise<HeardInWorld[]> {
  const heard: HeardInWorld[] = [];
  const runs = topologies.flatMap((topology) => seeds.map((seed) => ({ topology, seed })));
  for (const [i, { topology, seed }] of runs.entries()) {
    onProgress?.(i, runs.length, `${topology} ${seed}`);
    for (const [name, one] of await listen({ topology, seed, hours, methods })) {
      heard.push({ ...one, name, topology });
    }
  }
  return heard;
}

/** What was heard, method by method, and topology by topology. */
export function reportCalibration(heard: readonly HeardInWorld[]): CalibrationReport {
  const topologies = [...new Set(heard.map(({ topology }) => topology))];
  const methods = [...Map.groupBy(heard, ({ name }) => name)];
  return {
    benchmark: 'calibration',
    default: fusedPooled,
    rows: methods.map(([name, all]) => rowOf(name, all)),
    entities: methods.flatMap(([row, all]) =>
      topologies.map((name) => {
        const series = seriesOf(all.filter(({ topology }) => topology === name));
        return { name, row, scores: scoresOf(series), n: series.length };
      }),
    ),
  };
}

function rowOf(name: string, heard: readonly Heard[]): CalibrationRow {
  const series = seriesOf(heard);
  return {
    name,
    kind: 'ours',
    scores: scoresOf(series),
    n: series.length,
    values: sum(heard.map(({ survival }) => survival.total)),
    figures: {
      at3: ratioFigure(series, 'rare', 1e-3),
      at5: ratioFigure(series, 'rarest', 1e-5),
    },
    required: name === fusedPooled ? 'at5' : name === fusedBefore ? null : 'at3',
  };
}

function seriesOf(heard: readonly Heard[]): Series[] {
  return heard.flatMap(({ values, rare, rarest }) =>
    values.flatMap((count, i): Series[] => {
      return count > 0 ? [{ values: count, rare: rare[i]!, rarest: rarest[i]! }] : [];
    }),
  );
}

function scoresOf(series: readonly Series[]): CalibrationScores {
  if (series.length === 0) return { at3: null, at5: null, seriesWithin: null };
  const within = series.filter(({ values, rare }) => rare <= 2e-3 * values);
  return {
    at3: ratioOf(series, 'rare', 1e-3),
    at5: ratioOf(series, 'rarest', 1e-5),
    seriesWithin: within.length / series.length,
  };
}

interface Series {
  readonly values: number;
  readonly rare: number;
  readonly rarest: number;
}

/** Enough for two digits of an interval that is held against a factor of two. */
const draws = 500;

function ratioOf(series: readonly Series[], kind: 'rare' | 'rarest', promised: number): number {
  return sum(series.map((one) => one[kind])) / (sum(series.map(({ values }) => values)) * promised);
}

/** Series are drawn whole, for a series' rare values come together. */
function ratioFigure(series: readonly Series[], kind: 'rare' | 'rarest', promised: number): Figure {
  if (series.length === 0) return noFigure;
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
    value: ratioOf(series, kind, promised),
    low: ratios[Math.floor(0.025 * draws)]!,
    high: ratios[Math.ceil(0.975 * draws) - 1]!,
    n: sum(series.map((one) => one[kind])),
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
