import {
  createStream,
  mean,
  quantile,
  RunningDigest,
  standardDeviation,
} from '../../../core/tools/index.ts';
import {
  ComponentDistances,
  createDefaultRows,
  createRowScorer,
  LstmAutoencoder,
  mapRows,
  type RowScorer,
  readModelFile,
  renderModelFile,
  rowScorerNames,
} from '../../../detectors/index.ts';
import { packageVersion } from '../../package-version.ts';
import type { Entity } from './corpus.ts';

/** What a contestant sees of an entity: never a label. */
export type Unlabelled = Omit<Entity, 'labels'>;

/** A score per row of the test, higher is more abnormal. */
export interface RowScores {
  readonly test: Float64Array;
  /** Set on the train alone: the 99.9 % quantile of its scores. */
  readonly threshold: number;
}

/** One setting for all entities. */
export interface Contestant {
  readonly name: string;
  readonly kind: 'ours' | 'baseline';
  score(entity: Unlabelled): RowScores | Promise<RowScores>;
}

const seed = 1;
/** The quantile of the train's scores that is the threshold. */
export const thresholdQuantile = 0.999;

const slowScorer = 'sub_pca';
/** The default's name, as in the report. */
export const defaultName = 'default';

/** Where fitted models are kept between runs. */
export interface ModelStore {
  /** The command that is running, told in every file. */
  readonly command: string;
  read(entity: string): { readonly text: string; readonly file: string } | undefined;
  write(entity: string, text: string): void;
  /** A model of other rows or of another version was found, and is fitted again. */
  onStale(file: string): void;
}

/** Everybody who takes part unless asked otherwise, the default first. */
export const contestants: readonly Contestant[] = [
  ...rowScorerNames.filter((name) => name !== slowScorer).map(ofScorer),
  { name: 'pca_reconstruction', kind: 'baseline', score: reconstructionError },
  { name: 'largest_z', kind: 'baseline', score: largestDeviation },
  { name: 'random', kind: 'baseline', score: scoreAtRandom },
];

/** Take part only when asked: they need their time, and the second an optional package. */
export const slowContestants: readonly Contestant[] = [
  ofScorer(slowScorer),
  { name: 'lstm_autoencoder', kind: 'baseline', score: autoencode },
];

function ofScorer(name: string): Contestant {
  return {
    name,
    kind: name === 'ml_isolation_forest' ? 'baseline' : 'ours',
    score: (entity) => streamThrough(name, entity),
  };
}

async function autoencode({ train, test, columns }: Unlabelled): Promise<RowScores> {
  const model = await LstmAutoencoder.create({ columns, seed });
  await model.fit(train);
  return { threshold: thresholdOf(model.score(train)), test: model.score(test) };
}

/** Fits on the train, then scores each row of the test before learning it. */
function streamThrough(name: string, { train, test, columns }: Unlabelled): RowScores {
  const scorer = createRowScorer(name, { seed });
  const trainScores = scorer.fit(train, columns);
  return { threshold: thresholdOf(trainScores), test: playThrough(scorer, test, columns) };
}

/**
 * The default's scores with a model that was fitted on the same rows before, or is now and then
 * kept.
 */
export function playStored(
  { name, train, test, columns }: Unlabelled,
  store: ModelStore,
): RowScores {
  const model = createDefaultRows();
  const origin = {
    model: defaultName,
    columns,
    train: digestOfRows(train, columns),
    packageVersion,
  };
  const stored = store.read(name);
  if (stored) {
    const kept = readModelFile(stored.text, { ...origin, file: stored.file }, model);
    if (kept) return { threshold: kept.threshold, test: playThrough(model, test, columns) };
    store.onStale(stored.file);
  }
  const threshold = thresholdOf(model.fit(train, columns));
  const { command } = store;
  const facts = { ...origin, threshold, command };
  store.write(name, renderModelFile(facts, model));
  return { threshold, test: playThrough(model, test, columns) };
}

function digestOfRows(rows: Float64Array, columns: number): string {
  const digest = new RunningDigest();
  digest.addText(`${columns} columns`);
  digest.addValues(rows);
  return digest.hex();
}

function playThrough(scorer: RowScorer, test: Float64Array, columns: number): Float64Array {
  return mapRows(test, columns, (row) => {
    const score = scorer.score(row);
    scorer.learn?.(row);
    return score;
  });
}

function thresholdOf(trainScores: Float64Array): number {
  return quantile(trainScores, thresholdQuantile);
}

/** The textbook's: squared reconstruction error with the components of 90 % of the variance. */
function reconstructionError({ train, test, columns }: Unlabelled): RowScores {
  const distances = new ComponentDistances();
  distances.fit(train, columns);
  const errors = (rows: Float64Array) =>
    mapRows(rows, columns, (row) => distances.measure(row).spe);
  return { threshold: thresholdOf(errors(train)), test: errors(test) };
}

/** Three sigma on every metric: the largest |z| by the train's mean and standard deviation. */
function largestDeviation({ train, test, columns }: Unlabelled): RowScores {
  const moments = Array.from({ length: columns }, (_, column) => {
    const values = train.filter((value, at) => at % columns === column && !Number.isNaN(value));
    const centre = values.length > 0 ? mean(values) : 0;
    return { centre, scale: Math.max(standardDeviation(values), 1e-6 * Math.abs(centre), 1e-9) };
  });
  const largest = (rows: Float64Array) =>
    mapRows(rows, columns, (row) => {
      let most = 0;
      moments.forEach(({ centre, scale }, column) => {
        const z = Math.abs(row[column]! - centre) / scale;
        if (z > most) most = z;
      });
      return most;
    });
  return { threshold: thresholdOf(largest(train)), test: largest(test) };
}

function scoreAtRandom({ name, train, test, columns }: Unlabelled): RowScores {
  const stream = createStream(seed, `random/${name}`);
  const draw = (rows: Float64Array) => mapRows(rows, columns, () => stream.next());
  return { threshold: thresholdOf(draw(train)), test: draw(test) };
}
