import type { Stream } from '../../core/tools/index.ts';
import { createStream, quantile, UsageError } from '../../core/tools/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** A forest over rows of features; both implementations share these verbs. */
export interface Forest extends Partial<StatePart> {
  /**
   * Rows one after the other, `columns` features each; replaces what was trained before. Gives the
   * score of each of them.
   */
  train(data: Float64Array, columns: number): Float64Array;
  /**
   * How easily a row is isolated: near 1 anomalous, 0.5 and below ordinary. Error before `train`.
   */
  predict(row: ArrayLike<number>): number;
  /** Scores above this are anomalies: the (1 - contamination) quantile of the training scores. */
  readonly cut: number;
}

export interface IsolationForestOptions {
  readonly seed?: number;
  readonly trees?: number;
  /** Rows each tree is grown from (psi). */
  readonly subsampleRows?: number;
  /** Share of the training rows taken for anomalous. */
  readonly contamination?: number;
}

/** Mean path length of an unsuccessful search in a binary search tree of `rows` rows. */
export function averagePathLength(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (Math.log(rows - 1) + 0.5772156649015329) - (2 * (rows - 1)) / rows;
}

export function untrainedForestError(): UsageError {
  return new UsageError(
    'isolation forest: predict was called before train',
    'call train(data, columns) with at least two rows first',
  );
}

/**
 * Isolation forest with subsampling (Liu, Ting and Zhou 2008), with one change: a split may fall
 * beside the rows, too, so that what lies out of their range is isolated at once, even where a
 * feature never varied. Blind to anomalies inside the range of every single feature and to order in
 * time. Train O(trees psi log psi), predict O(trees log psi).
 */
export class IsolationForest implements Forest, StatePart {
  readonly #seed: number;
  readonly #trees: number;
  readonly #subsampleRows: number;
  readonly #contamination: number;
  #trained = 0;
  #nodesPerTree = 0;
  #normaliser = 1;
  #cut = Number.NaN;
  /** Per node: the feature to split on, or -1 for a leaf, whose path length stands in `#splits`. */
  #features = new Int32Array(0);
  #splits = new Float64Array(0);
  /** The left child; the right one follows it. */
  #children = new Int32Array(0);

  constructor(options: IsolationForestOptions = {}) {
    this.#seed = options.seed ?? 1;
    this.#trees = options.trees ?? 100;
    this.#subsampleRows = options.subsampleRows ?? 1024;
    this.#contamination = options.contamination ?? 0.01;
  }

  get cut(): number {
    return this.#cut;
  }

  train(data: Float64Array, columns: number): Float64Array {
    const rows = data.length / columns;
    if (!Number.isInteger(rows) || rows < 2) {
      throw new UsageError(`isolation forest: expected at least two whole rows, got ${rows}`);
    }
    const stream = createStream(this.#seed, `isolation-forest-${this.#trained}`);
    this.#trained += 1;
    const sample = Math.min(this.#subsampleRows, rows);
    const depthMax = Math.ceil(Math.log2(sample));
    this.#nodesPerTree = 2 * 2 ** depthMax;
    this.#normaliser = averagePathLength(sample);
    this.#features = new Int32Array(this.#trees * this.#nodesPerTree);
    this.#splits = new Float64Array(this.#trees * this.#nodesPerTree);
    this.#children = new Int32Array(this.#trees * this.#nodesPerTree);
    const order = Int32Array.from({ length: rows }, (_, row) => row);
    for (let tree = 0; tree < this.#trees; tree += 1) {
      drawToFront(order, sample, stream);
      this.#growTree(tree, { data, columns, order, sample, depthMax }, stream);
    }
    const scores = new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) {
      scores[row] = this.predict(data.subarray(row * columns, (row + 1) * columns));
    }
    this.#cut = quantile(scores, 1 - this.#contamination);
    return scores;
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#trained);
    writer.integer(this.#nodesPerTree);
    writer.number(this.#normaliser);
    writer.number(this.#cut);
    writer.array(this.#features);
    writer.array(this.#splits);
    writer.array(this.#children);
  }

  readState(reader: StateReader): void {
    this.#trained = reader.integer();
    this.#nodesPerTree = reader.integer();
    this.#normaliser = reader.number();
    this.#cut = reader.number();
    this.#features = reader.int32s();
    this.#splits = reader.float64s();
    this.#children = reader.int32s();
  }

  predict(row: ArrayLike<number>): number {
    if (this.#trained === 0) throw untrainedForestError();
    const features = this.#features;
    const splits = this.#splits;
    const children = this.#children;
    let total = 0;
    for (let tree = 0; tree < this.#trees; tree += 1) {
      let node = tree * this.#nodesPerTree;
      let feature = features[node]!;
      while (feature >= 0) {
        node = children[node]! + (row[feature]! < splits[node]! ? 0 : 1);
        feature = features[node]!;
      }
      total += splits[node]!;
    }
    return 2 ** (-total / this.#trees / this.#normaliser);
  }

  #growTree(
    tree: number,
    input: {
      data: Float64Array;
      columns: number;
      order: Int32Array;
      sample: number;
      depthMax: number;
    },
    stream: Stream,
  ): void {
    const { data, columns, order, depthMax } = input;
    let free = tree * this.#nodesPerTree + 1;
    const grow = (node: number, from: number, until: number, depth: number): void => {
      const split =
        depth < depthMax && until - from > 1
          ? drawSplit(data, columns, order.subarray(from, until), stream)
          : undefined;
      if (!split) {
        this.#features[node] = -1;
        this.#splits[node] = depth + averagePathLength(until - from);
        return;
      }
      const middle = partition(
        order,
        { from, until },
        (row) => data[row * columns + split.feature]! < split.at,
      );
      const left = free;
      free += 2;
      this.#features[node] = split.feature;
      this.#splits[node] = split.at;
      this.#children[node] = left;
      grow(left, from, middle, depth + 1);
      grow(left + 1, middle, until, depth + 1);
    };
    grow(tree * this.#nodesPerTree, 0, input.sample, 0);
  }
}

function drawToFront(order: Int32Array, sample: number, stream: Stream): void {
  for (let i = 0; i < sample; i += 1) {
    const j = i + stream.integer(order.length - i);
    const row = order[i]!;
    order[i] = order[j]!;
    order[j] = row;
  }
}

/** A split falls within the range of the rows widened by this share of it on each side. */
const widening = 0.3;

/**
 * A feature and a cut in its widened range; next to the value of a feature that does not vary.
 */
function drawSplit(
  data: Float64Array,
  columns: number,
  rows: Int32Array,
  stream: Stream,
): { feature: number; at: number } {
  const feature = stream.integer(columns);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows.length; i += 1) {
    const value = data[rows[i]! * columns + feature]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const place = stream.next();
  if (high > low) {
    const margin = widening * (high - low);
    return { feature, at: low - margin + (high - low + 2 * margin) * place };
  }
  const step = Math.max(1e-9 * Math.abs(low), 1e-12);
  return { feature, at: place < 0.5 ? low : low + step };
}

function partition(
  order: Int32Array,
  range: { from: number; until: number },
  goesLeft: (row: number) => boolean,
): number {
  let middle = range.from;
  for (let i = range.from; i < range.until; i += 1) {
    const row = order[i]!;
    if (goesLeft(row)) {
      order[i] = order[middle]!;
      order[middle] = row;
      middle += 1;
    }
  }
  return middle;
}
