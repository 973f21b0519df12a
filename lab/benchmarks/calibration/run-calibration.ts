import { pointDetectorNames } from '../../../detectors/index.ts';
import { type Heard, listen } from './listen.ts';
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

interface CalibrationRow {
  readonly name: string;
  /** Values and series that were heard. */
  readonly values: number;
  readonly series: number;
  /** Seen over promised at p = 1e-3 and 1e-5, all series together. */
  readonly ratioAt3: number;
  readonly ratioAt5: number;
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

/** Fits the pooled tails on the training topologies: the height of each knot, by measure. */
export async function fitTails(
  options: CalibrationOptions,
): Promise<Readonly<Record<'core' | 'ensemble', readonly number[]>>> {
  const heard = await listenTo(trainingTopologies, [], options);
  return {
    core: heightsOf(heard.get('sum of views, raw') ?? []),
    ensemble: heightsOf(heard.get('rarest view, raw') ?? []),
  };
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
  const values = sum(heard.map(({ survival }) => survival.total));
  const ratio = (surprise: number): number =>
    sum(heard.map(({ survival }) => survival.atLeast(surprise))) / (values * 10 ** -surprise);
  const shares = heard.flatMap((one) =>
    one.values.map((count, column) => (one.rare[column] as number) / count),
  );
  const known = shares.filter((share) => share !== undefined);
  return {
    name,
    values,
    series: known.length,
    ratioAt3: ratio(3),
    ratioAt5: ratio(5),
    seriesWithin: known.filter((share) => share <= 2e-3).length / known.length,
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
