import { createStream } from '../../../core/tools/index.ts';
import type { Forest, PointDetector } from '../../../detectors/index.ts';
import {
  createPointDetector,
  IsolationForest,
  MlIsolationForest,
  pointDetectorNames,
  RobustZ,
  SeriesSurprise,
  SlidingZScore,
} from '../../../detectors/index.ts';

/** Scores one value in [0, 1] and then learns it; 0 while there is no opinion. */
type Scorer = (value: number, atMs: number) => number;

/** A detector as NAB sees it: one setting for the whole corpus, never a label. */
export interface Contestant {
  readonly name: string;
  readonly kind: 'ours' | 'baseline';
  /** Written down here, not optimised by the run; docs/benchmarks.md says which saw labels. */
  readonly fixedThreshold: number;
  /** A fresh scorer for one series; `index` seeds those that draw. */
  create(index: number): Scorer;
}

/** Everybody who takes part, in the order of the table. */
export const contestants: readonly Contestant[] = [
  ofPoints('default', 'ours', () => new SeriesSurprise()),
  ofPoints('default_every_value', 'ours', () => new SeriesSurprise({ record: null })),
  ofPoints('z_score', 'ours', () => new SlidingZScore()),
  ofPoints('robust_z', 'ours', () => new RobustZ()),
  ...pointDetectorNames.map((name) => ofPoints(name, 'ours', () => createPointDetector(name))),
  ofForest('isolation_forest', 'ours', (seed) => new IsolationForest({ seed })),
  ofForest('ml_isolation_forest', 'baseline', (seed) => new MlIsolationForest({ seed })),
  { name: 'cumulative_z', kind: 'baseline', fixedThreshold: 0.5, create: cumulativeZ },
  { name: 'absolute_change', kind: 'baseline', fixedThreshold: 0.75, create: absoluteChange },
  { name: 'random', kind: 'baseline', fixedThreshold: 0.999, create: uniform },
  { name: 'null', kind: 'baseline', fixedThreshold: 0.5, create: () => () => 0 },
];

/** Maps a non-negative score so that `half` becomes 0.5; keeps the order. */
function squash(score: number, half: number): number {
  return score >= 0 ? score / (score + half) : 0;
}

/** A univariate detector as a contestant: its threshold becomes 0.5. */
export function ofPoints(
  name: string,
  kind: Contestant['kind'],
  createDetector: (index: number) => PointDetector,
): Contestant {
  return {
    name,
    kind,
    fixedThreshold: 0.5,
    create: (index) => {
      const detector = createDetector(index);
      return (value, atMs) => {
        const { score } = detector.score(value, atMs);
        detector.learn(value, atMs);
        return squash(score, detector.threshold);
      };
    },
  };
}

/** Consecutive values that make one row of a forest's training set. */
const shingleSize = 8;
const historyRows = 512;
const retrainRows = 1000;
const firstTrainingRows = 128;

function ofForest(
  name: string,
  kind: Contestant['kind'],
  createForest: (seed: number) => Forest,
): Contestant {
  return {
    name,
    kind,
    // Liu, Ting and Zhou call scores from 0.6 potential anomalies.
    fixedThreshold: 0.6,
    create: (index) => forestScorer(createForest(index + 1)),
  };
}

function forestScorer(forest: Forest): Scorer {
  const values: number[] = [];
  let trainedAt = 0;
  return (value) => {
    values.push(value);
    if (values.length < shingleSize) return 0;
    const score = trainedAt > 0 ? forest.predict(values.slice(-shingleSize)) : 0;
    const rows = values.length - shingleSize + 1;
    if (trainedAt === 0 ? rows === firstTrainingRows : rows - trainedAt === retrainRows) {
      forest.train(shingles(values, Math.min(rows, historyRows)), shingleSize);
      trainedAt = rows;
    }
    return score;
  };
}

/** The newest `rows` overlapping windows of the values, one after the other. */
function shingles(values: readonly number[], rows: number): Float64Array {
  const data = new Float64Array(rows * shingleSize);
  const from = values.length - rows - shingleSize + 1;
  for (let row = 0; row < rows; row += 1) {
    for (let k = 0; k < shingleSize; k += 1) {
      data[row * shingleSize + k] = values[from + row + k] as number;
    }
  }
  return data;
}

/** z-score against everything seen so far: the trivial baseline to beat. */
function cumulativeZ(): Scorer {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return (value) => {
    const deviation = Math.sqrt(squares / Math.max(1, count - 1));
    const score = count > 1 && deviation > 0 ? squash(Math.abs(value - mean) / deviation, 3) : 0;
    count += 1;
    const change = value - mean;
    mean += change / count;
    squares += change * (value - mean);
    return score;
  };
}

/** The step from the last value, divided by the mean step so far. */
function absoluteChange(): Scorer {
  let count = 0;
  let mean = 0;
  let last = Number.NaN;
  return (value) => {
    const step = Math.abs(value - last);
    last = value;
    if (Number.isNaN(step)) return 0;
    const score = mean > 0 ? squash(step / mean, 3) : 0;
    count += 1;
    mean += (step - mean) / count;
    return score;
  };
}

function uniform(index: number): Scorer {
  const stream = createStream(1, `nab-random-${index}`);
  return () => stream.next();
}
