import { mean } from '../../../core/tools/index.ts';
import {
  averagePrecision,
  scoreAlarms,
  volumeUnderPrecisionRecall,
} from '../../statistics/detection-curves.ts';
import type { BenchmarkReport } from '../benchmark-report.ts';
import {
  type Contestant,
  contestants,
  defaultName,
  type ModelStore,
  playStored,
  type RowScores,
  slowContestants,
} from './contestants.ts';
import { type EntityFiles, findEntities, loadEntity } from './corpus.ts';
import { ownContestant } from './own-contestant.ts';

/** Null where a figure is not defined, as without a labelled row. */
interface MultivariateScores {
  /** Average precision, 0 to 1. */
  readonly AP: number | null;
  /** Volume under the precision-recall surface, 0 to 1. */
  readonly VUSPR: number | null;
  /** At the 99.9 % quantile of the train's scores, 0 to 1. */
  readonly eventF1: number | null;
  /** Rows above that threshold outside events, per 1,000 rows of the test. */
  readonly falseAlarmsPer1000: number | null;
}

/**
 * Means over the entities where a figure is defined, whose number is `n`; an entity's `n` counts
 * rows of its test.
 */
export type MultivariateReport = BenchmarkReport<MultivariateScores>;

export interface MultivariateOptions {
  /** Called before each piece of work, and at the end with `done` equal to `total`. */
  readonly onProgress?: (done: number, total: number, label: string) => void;
  /** Sub-PCA and the LSTM autoencoder take part, too: up to minutes per entity. */
  readonly slow?: boolean;
  /** The default's models are read from here; those that are missing are fitted and written. */
  readonly models?: ModelStore;
  /** The file of a user's detector that takes part, too. */
  readonly detector?: string;
}

/**
 * Scores our detectors on the entities of a folder beside baselines: one configuration for all,
 * each fitted on an entity's train, then row by row over its test. No threshold sees a label.
 */
export async function runMultivariate(
  dir: string,
  { onProgress = () => {}, slow = false, models, detector }: MultivariateOptions = {},
): Promise<MultivariateReport> {
  const files = findEntities(dir);
  const stored = contestants.map(
    (one): Contestant =>
      models && one.name === defaultName
        ? { ...one, score: (entity) => playStored(entity, models) }
        : one,
  );
  const own = detector === undefined ? [] : [ownContestant(detector)];
  const taking = [...own, ...stored, ...(slow ? slowContestants : [])];
  const entities: MultivariateReport['entities'][number][] = [];
  const total = files.length * taking.length;
  for (let i = 0; i < files.length; i += 1) {
    const tell = (at: number, name: string) => onProgress(i * taking.length + at, total, name);
    entities.push(...(await scoreEntity(files[i] as EntityFiles, taking, tell)));
  }
  onProgress(total, total, 'done');
  const rows = taking.map(({ name, kind }) => {
    const scored = entities.filter(({ row }) => row === name).map(({ scores }) => scores);
    return { name, kind, scores: meanScores(scored), n: scored.length };
  });
  return { benchmark: 'multivariate', default: defaultName, rows, entities };
}

async function scoreEntity(
  files: EntityFiles,
  taking: readonly Contestant[],
  onContestant: (at: number, label: string) => void,
): Promise<MultivariateReport['entities']> {
  onContestant(0, `reading ${files.name}`);
  const { labels, ...unlabelled } = loadEntity(files);
  const scored: MultivariateReport['entities'][number][] = [];
  for (const [at, contestant] of taking.entries()) {
    onContestant(at, `${contestant.name} ${files.name}`);
    const scores = judge(await contestant.score(unlabelled), labels);
    scored.push({ name: files.name, row: contestant.name, scores, n: labels.length });
  }
  return scored;
}

function judge({ test, threshold }: RowScores, labels: Uint8Array): MultivariateScores {
  const alarms = scoreAlarms(test, labels, threshold);
  const isLabelled = labels.includes(1);
  return {
    AP: isLabelled ? averagePrecision(test, labels) : null,
    VUSPR: isLabelled ? volumeUnderPrecisionRecall(test, labels) : null,
    eventF1: isLabelled ? alarms.eventF1 : null,
    falseAlarmsPer1000: alarms.falseAlarmsPer1000,
  };
}

function meanScores(scores: readonly MultivariateScores[]): MultivariateScores {
  const meanOf = (key: keyof MultivariateScores): number | null => {
    const values = scores.map((one) => one[key]).filter((value) => value !== null);
    return values.length > 0 ? mean(values) : null;
  };
  return {
    AP: meanOf('AP'),
    VUSPR: meanOf('VUSPR'),
    eventF1: meanOf('eventF1'),
    falseAlarmsPer1000: meanOf('falseAlarmsPer1000'),
  };
}
