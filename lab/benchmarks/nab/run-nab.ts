import { unknownNameError } from '../../../core/tools/index.ts';
import type { PointDetector } from '../../../detectors/index.ts';
import type { BenchmarkReport } from '../benchmark-report.ts';
import type { Contestant } from './contestants.ts';
import { contestants, ofPoints } from './contestants.ts';
import type { NabSeries } from './corpus.ts';
import { loadNabCorpus } from './corpus.ts';
import type { ProfileKey } from './published.ts';
import { loadProfiles, loadPublished, profileKeys } from './published.ts';
import type { NabProfile, NabScore } from './scorer.ts';
import { prepareSweep, scoreAt, scoreBest } from './scorer.ts';

/** Scores by key; null where a figure is not known or not defined. */
interface NabScores extends Readonly<Record<ProfileKey, number | null>> {
  /** Standard profile at the detector's own threshold. */
  readonly fixedThreshold: number | null;
  /** Standard profile, each category at the threshold that was best on the others. */
  readonly leaveOneCategoryOut: number | null;
}

/**
 * `n` counts series; entities are categories, with scores at the thresholds of the whole corpus,
 * null without windows.
 */
export type NabReport = BenchmarkReport<NabScores, Readonly<Record<ProfileKey, number | null>>>;

interface NabOptions {
  /** Names of contestants; all by default. */
  readonly detectors?: readonly string[];
  /** One more, that the package does not know; `create` gets the number of the series. */
  readonly own?: { readonly name: string; readonly create: (index: number) => PointDetector };
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/**
 * Scores our univariate detectors on the Numenta Anomaly Benchmark v1.1 in `dir`, beside the
 * published table. One setting for the whole corpus; thresholds are optimised on it per profile, as
 * NAB does.
 */
export function runNab(dir: string, options: NabOptions = {}): NabReport {
  const { own } = options;
  const known = chooseContestants(options.detectors);
  const chosen = own ? [ofPoints(own.name, 'ours', own.create), ...known] : known;
  const profiles = loadProfiles(dir);
  const series = loadNabCorpus(dir);
  const rows: NabReport['rows'][number][] = [];
  const entities: NabReport['entities'][number][] = [];
  chosen.forEach((contestant, index) => {
    const scores = series.map((one, at) => {
      options.onProgress?.(
        index * series.length + at,
        chosen.length * series.length,
        contestant.name,
      );
      return streamScores(contestant, one, at);
    });
    const row = scoreRow(contestant, { series, scores }, profiles);
    rows.push({
      name: contestant.name,
      kind: contestant.kind,
      scores: row.scores,
      n: series.length,
    });
    entities.push(...row.categories);
  });
  options.onProgress?.(chosen.length * series.length, chosen.length * series.length, 'done');
  for (const { name, scores } of loadPublished(dir)) {
    rows.push({
      name,
      kind: 'published',
      scores: { ...scores, fixedThreshold: null, leaveOneCategoryOut: null },
      n: series.length,
    });
  }
  return { benchmark: 'nab', default: 'default', rows, entities };
}

function chooseContestants(names: readonly string[] | undefined): readonly Contestant[] {
  if (!names) return contestants;
  return names.map((name) => {
    const found = contestants.find((contestant) => contestant.name === name);
    if (found) return found;
    throw unknownNameError(
      'detector',
      name,
      contestants.map((contestant) => contestant.name),
    );
  });
}

function streamScores(
  contestant: Contestant,
  { values, atMs }: NabSeries,
  index: number,
): Float64Array {
  const score = contestant.create(index);
  return values.map((value, row) => score(value, atMs[row] as number));
}

interface Scored {
  readonly series: readonly NabSeries[];
  readonly scores: readonly Float64Array[];
}

function scoreRow(
  contestant: Contestant,
  all: Scored,
  profiles: Readonly<Record<ProfileKey, NabProfile>>,
): { scores: NabScores; categories: NabReport['entities'][number][] } {
  const sweep = prepareSweep(all.series, all.scores);
  const best = mapProfiles((key) => scoreBest(sweep, profiles[key]));
  const categories = [...new Set(all.series.map(({ category }) => category))];
  return {
    scores: {
      ...mapProfiles((key) => best[key].score),
      fixedThreshold: scoreAt(sweep, profiles.standard, contestant.fixedThreshold).score,
      leaveOneCategoryOut: leaveOneOut(categories, all, profiles.standard),
    },
    categories: categories.map((category) => {
      const part = select(all, (one) => one === category);
      const partSweep = prepareSweep(part.series, part.scores);
      const at = (key: ProfileKey): number | null =>
        partSweep.windowCount === 0
          ? null
          : scoreAt(partSweep, profiles[key], best[key].threshold).score;
      return {
        name: category,
        row: contestant.name,
        scores: mapProfiles(at),
        n: part.series.length,
      };
    }),
  };
}

function leaveOneOut(categories: readonly string[], all: Scored, profile: NabProfile): number {
  let raw = 0;
  let windows = 0;
  for (const category of categories) {
    const others = select(all, (one) => one !== category);
    const held = select(all, (one) => one === category);
    const { threshold } = scoreBest(prepareSweep(others.series, others.scores), profile);
    const sweep = prepareSweep(held.series, held.scores);
    const score: NabScore = scoreAt(sweep, profile, threshold);
    raw += score.raw;
    windows += sweep.windowCount;
  }
  const none = -profile.falseNegative * windows;
  return (100 * (raw - none)) / (profile.truePositive * windows - none);
}

function select({ series, scores }: Scored, keep: (category: string) => boolean): Scored {
  return {
    series: series.filter(({ category }) => keep(category)),
    scores: scores.filter((_, i) => keep((series[i] as NabSeries).category)),
  };
}

function mapProfiles<T>(value: (key: ProfileKey) => T): Record<ProfileKey, T> {
  const [standard, lowFP, lowFN] = profileKeys.map(value);
  return { standard: standard as T, lowFP: lowFP as T, lowFN: lowFN as T };
}
