import { createStream, median, quantile, quantileSorted } from '../../core/tools/index.ts';
import type { Figure } from '../../core/truth/index.ts';

/** One point of a two-sample test. */
export interface Example {
  readonly entity: string;
  readonly features: Float64Array;
  /** True for the second sample. */
  readonly positive: boolean;
}

const foldCount = 5;
const neighbours = 15;
const resamples = 500;
/** Features are clipped at so many robust deviations. */
const clip = 4;
const ridge = 1e-2;
const newtonSteps = 12;

/** How well a classifier tells two samples apart; both kinds, so that neither flatters. */
export interface TwoSampleTest {
  readonly logistic: Figure;
  readonly nearest: Figure;
}

/**
 * Classifier two-sample test (Lopez-Paz and Oquab 2017): the area under the ROC curve of a logistic
 * regression and of 15 nearest neighbours, cross-validated five-fold by entity, with an interval
 * from resampling entities. 0.5: not told apart; 1: always. Null when either sample has fewer than
 * two entities. O(n²) for the neighbours.
 */
export function twoSampleTest(examples: readonly Example[]): TwoSampleTest {
  const folds = dealFolds(examples);
  const none: Figure = { value: null, low: null, high: null, n: examples.length };
  if (!folds) return { logistic: none, nearest: none };
  const logistic = new Float64Array(examples.length);
  const nearest = new Float64Array(examples.length);
  for (let fold = 0; fold < foldCount; fold += 1) {
    const train = examples.filter((_, i) => folds[i] !== fold);
    if (train.every(({ positive }) => positive) || !train.some(({ positive }) => positive))
      continue;
    const scale = fitScale(train);
    const rows = train.map(({ features }) => scale(features));
    const labels = train.map(({ positive }) => positive);
    const weights = fitLogistic(rows, labels);
    examples.forEach(({ features }, i) => {
      if (folds[i] !== fold) return;
      const row = scale(features);
      logistic[i] = scoreLogistic(weights, row);
      nearest[i] = scoreNearest(rows, labels, row);
    });
  }
  return { logistic: areaFigure(examples, logistic), nearest: areaFigure(examples, nearest) };
}

/** Per example its fold: the entities of each sample dealt in turn; null with one entity only. */
function dealFolds(examples: readonly Example[]): number[] | null {
  const places = new Map<string, number>();
  for (const positive of [false, true]) {
    const entities = entitiesOf(examples, positive);
    if (entities.length < 2) return null;
    for (const [i, entity] of entities.entries()) {
      places.set(`${positive} ${entity}`, i % foldCount);
    }
  }
  return examples.map(({ entity, positive }) => places.get(`${positive} ${entity}`) as number);
}

function entitiesOf(examples: readonly Example[], positive: boolean): string[] {
  const own = examples.filter((example) => example.positive === positive);
  return [...new Set(own.map(({ entity }) => entity))].sort();
}

/** Robust standardisation learnt on the training rows. */
function fitScale(train: readonly Example[]): (features: Float64Array) => Float64Array {
  const width = train[0]?.features.length ?? 0;
  const columns = Array.from({ length: width }, (_, j) =>
    Float64Array.from(train, ({ features }) => features[j] as number),
  );
  const centres = columns.map((column) => median(column));
  const spreads = columns.map((column) => {
    const inner = quantile(column, 0.75) - quantile(column, 0.25);
    return inner > 1e-9 ? inner / 1.349 : Math.max(quantile(column, 0.95) - median(column), 1e-3);
  });
  return (features) =>
    features.map((value, j) => {
      const z = (value - (centres[j] as number)) / (spreads[j] as number);
      return Math.min(clip, Math.max(-clip, z));
    });
}

/** Ridge logistic regression by Newton's method, both classes weighing the same; bias last. */
function fitLogistic(rows: readonly Float64Array[], labels: readonly boolean[]): Float64Array {
  const width = (rows[0]?.length ?? 0) + 1;
  const positives = labels.filter(Boolean).length;
  const weights = new Float64Array(width);
  for (let step = 0; step < newtonSteps; step += 1) {
    const gradient = weights.map((weight) => ridge * weight);
    const hessian = Array.from({ length: width }, (_, j) => {
      const row = new Float64Array(width);
      row[j] = ridge;
      return row;
    });
    rows.forEach((row, i) => {
      const positive = labels[i] as boolean;
      const share = 0.5 / (positive ? positives : rows.length - positives);
      const p = 1 / (1 + Math.exp(-scoreLogistic(weights, row)));
      const error = share * (p - (positive ? 1 : 0));
      const bend = Math.max(share * p * (1 - p), 1e-12);
      for (let j = 0; j < width; j += 1) {
        const a = row[j] ?? 1;
        gradient[j] = (gradient[j] as number) + error * a;
        const line = hessian[j] as Float64Array;
        for (let k = 0; k <= j; k += 1) line[k] = (line[k] as number) + bend * a * (row[k] ?? 1);
      }
    });
    const move = solveSymmetric(hessian, gradient);
    for (let j = 0; j < width; j += 1) {
      weights[j] = (weights[j] as number) - (move[j] as number);
    }
  }
  return weights;
}

function scoreLogistic(weights: Float64Array, row: Float64Array): number {
  let sum = weights[row.length] as number;
  for (let j = 0; j < row.length; j += 1) sum += (weights[j] as number) * (row[j] as number);
  return sum;
}

/** Solves A x = b by Cholesky; only A's lower triangle is read, and it is overwritten. */
function solveSymmetric(a: Float64Array[], b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  for (let i = 0; i < n; i += 1) {
    const row = a[i] as Float64Array;
    for (let j = 0; j <= i; j += 1) {
      const other = a[j] as Float64Array;
      let sum = row[j] as number;
      for (let k = 0; k < j; k += 1) sum -= (row[k] as number) * (other[k] as number);
      row[j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (other[j] as number);
    }
    let sum = x[i] as number;
    for (let k = 0; k < i; k += 1) sum -= (row[k] as number) * (x[k] as number);
    x[i] = sum / (row[i] as number);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = x[i] as number;
    for (let k = i + 1; k < n; k += 1)
      sum -= ((a[k] as Float64Array)[i] as number) * (x[k] as number);
    x[i] = sum / ((a[i] as Float64Array)[i] as number);
  }
  return x;
}

/** Share of the second sample among the nearest, as if both samples were of one size. */
function scoreNearest(
  rows: readonly Float64Array[],
  labels: readonly boolean[],
  row: Float64Array,
): number {
  const distances = Float64Array.from(rows, (other) => {
    let sum = 0;
    for (let j = 0; j < row.length; j += 1) {
      sum += ((row[j] as number) - (other[j] as number)) ** 2;
    }
    return sum;
  });
  const bound = distances.toSorted()[Math.min(neighbours, distances.length) - 1] as number;
  const positives = labels.filter(Boolean).length;
  let inFavour = 0;
  let against = 0;
  distances.forEach((distance, i) => {
    if (distance > bound) return;
    if (labels[i]) inFavour += 1 / positives;
    else against += 1 / (labels.length - positives);
  });
  return inFavour / (inFavour + against);
}

function areaFigure(examples: readonly Example[], scores: Float64Array): Figure {
  const order = scores
    .map((_, i) => i)
    .sort((a, b) => {
      return (scores[a] as number) - (scores[b] as number) || a - b;
    });
  const draws = [false, true].map((positive) => {
    const entities = entitiesOf(examples, positive);
    return entities.map((entity) =>
      examples.flatMap((e, i) => (e.positive === positive && e.entity === entity ? [i] : [])),
    );
  });
  const stream = createStream(20_260, 'two-sample');
  const areas = new Float64Array(resamples);
  const counts = new Float64Array(examples.length);
  for (let r = 0; r < resamples; r += 1) {
    counts.fill(0);
    for (const entities of draws) {
      for (let i = 0; i < entities.length; i += 1) {
        for (const at of entities[stream.integer(entities.length)] as number[]) {
          counts[at] = (counts[at] as number) + 1;
        }
      }
    }
    areas[r] = areaUnderRoc(examples, scores, order, counts);
  }
  areas.sort();
  return {
    value: areaUnderRoc(examples, scores, order, counts.fill(1)),
    low: quantileSorted(areas, 0.025),
    high: quantileSorted(areas, 0.975),
    n: examples.length,
  };
}

/** Chance that a random member of the second sample scores higher than one of the first. */
function areaUnderRoc(
  examples: readonly Example[],
  scores: Float64Array,
  order: Float64Array,
  counts: Float64Array,
): number {
  let below = 0;
  let positives = 0;
  let wins = 0;
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i] as number];
    let tiedNegatives = 0;
    let tiedPositives = 0;
    for (; i < order.length && scores[order[i] as number] === score; i += 1) {
      const at = order[i] as number;
      if ((examples[at] as Example).positive) tiedPositives += counts[at] as number;
      else tiedNegatives += counts[at] as number;
    }
    wins += tiedPositives * (below + tiedNegatives / 2);
    below += tiedNegatives;
    positives += tiedPositives;
  }
  return wins / (below * positives);
}
