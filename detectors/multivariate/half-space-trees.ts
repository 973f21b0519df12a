import { createStream } from '../../core/tools/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { mapRows, type RowDetector } from './row-model.ts';
import { RowScaler } from './row-scaler.ts';

export interface HalfSpaceTreesOptions {
  readonly seed?: number;
  readonly trees?: number;
  /** Halvings from the root to a leaf. */
  readonly depth?: number;
  /** Rows whose mass is compared with: the window before the current one. */
  readonly windowRows?: number;
}

/** The trees divide what lies within so many standard deviations of the mean. */
const workRange = 4;
/** A node of less mass than this share of the window is not looked into further. */
const sizeLimitShare = 0.1;

/**
 * Streaming half-space trees (Tan, Ting and Liu 2011): random halvings of the space, whose masses
 * over one window of rows score the next; a row in thin space is abnormal. Follows drift within two
 * windows, and so gets used to whatever lasts. Blind to order in time, weak with many columns.
 * O(trees depth) per row.
 */
export class HalfSpaceTrees implements RowDetector {
  readonly #seed: number;
  readonly #trees: number;
  readonly #depth: number;
  readonly #windowRows: number;
  readonly #scaler = new RowScaler();
  /** Per inner node, in heap order tree by tree: the column to look at and where it is halved. */
  #splitColumns = new Int32Array(0);
  #splits = new Float64Array(0);
  /** Per node the rows of the window before, and of this one so far. */
  #reference = new Uint32Array(0);
  #latest = new Uint32Array(0);
  #rows = 0;
  #z = new Float64Array(0);

  constructor(options: HalfSpaceTreesOptions = {}) {
    this.#seed = options.seed ?? 1;
    this.#trees = options.trees ?? 25;
    this.#depth = options.depth ?? 10;
    this.#windowRows = options.windowRows ?? 250;
  }

  /** The scores of the rows, each before it was learned if there are two windows of them. */
  fit(rows: Float64Array, columns: number): Float64Array {
    this.#scaler.fit(rows, columns);
    this.#z = new Float64Array(columns);
    this.#grow(columns);
    this.#rows = 0;
    const scores = mapRows(rows, columns, (row) => {
      const score = this.#rows < this.#windowRows ? Number.NaN : this.score(row);
      this.learn(row);
      return score;
    });
    if (this.#rows >= 2 * this.#windowRows) return scores;
    // A window that was never full is the best there is.
    if (this.#rows < this.#windowRows) this.#reference.set(this.#latest);
    return mapRows(rows, columns, (row) => this.score(row));
  }

  score(row: Float64Array): number {
    if (this.#rows === 0) return Number.NaN;
    this.#scaler.apply(row, this.#z);
    const window = Math.min(this.#rows, this.#windowRows);
    const leaves = 1 << this.#depth;
    let total = 0;
    for (let tree = 0; tree < this.#trees; tree += 1) {
      let node = 1;
      let mass = this.#reference[tree * 2 * leaves + node]!;
      let halvings = 0;
      while (node < leaves && mass >= sizeLimitShare * window) {
        node = this.#below(tree, node);
        mass = this.#reference[tree * 2 * leaves + node]!;
        halvings += 1;
      }
      total += mass * 2 ** halvings;
    }
    // The root alone would give `window`; the densest place that times the leaves.
    return -Math.log2((total / this.#trees + 1) / (window * leaves + 1));
  }

  learn(row: Float64Array): void {
    if (this.#z.length === 0) return;
    this.#scaler.apply(row, this.#z);
    const leaves = 1 << this.#depth;
    for (let tree = 0; tree < this.#trees; tree += 1) {
      let node = 1;
      this.#latest[tree * 2 * leaves + 1]! += 1;
      while (node < leaves) {
        node = this.#below(tree, node);
        this.#latest[tree * 2 * leaves + node]! += 1;
      }
    }
    this.#rows += 1;
    if (this.#rows % this.#windowRows !== 0) return;
    [this.#reference, this.#latest] = [this.#latest, this.#reference];
    this.#latest.fill(0);
  }

  writeState(writer: StateWriter): void {
    this.#scaler.writeState(writer);
    writer.array(this.#splitColumns);
    writer.array(this.#splits);
    writer.array(this.#reference);
    writer.array(this.#latest);
    writer.number(this.#rows);
  }

  readState(reader: StateReader): void {
    this.#scaler.readState(reader);
    this.#splitColumns = reader.int32s();
    this.#splits = reader.float64s();
    this.#reference = reader.uint32s();
    this.#latest = reader.uint32s();
    this.#rows = reader.number();
    this.#z = new Float64Array(this.#scaler.columns);
  }

  #below(tree: number, node: number): number {
    const at = tree * (1 << this.#depth) + node;
    return 2 * node + (this.#z[this.#splitColumns[at]!]! < this.#splits[at]! ? 0 : 1);
  }

  /** Draws the trees: each in a work space of its own around the range, halved column by column. */
  #grow(columns: number): void {
    const stream = createStream(this.#seed, 'half-space-trees');
    const leaves = 1 << this.#depth;
    this.#splitColumns = new Int32Array(this.#trees * leaves);
    this.#splits = new Float64Array(this.#trees * leaves);
    this.#reference = new Uint32Array(this.#trees * 2 * leaves);
    this.#latest = new Uint32Array(this.#trees * 2 * leaves);
    const lows = new Float64Array(columns);
    const highs = new Float64Array(columns);
    const halve = (tree: number, node: number): void => {
      if (node >= leaves) return;
      const column = stream.integer(columns);
      const [low, high] = [lows[column]!, highs[column]!];
      const middle = (low + high) / 2;
      this.#splitColumns[tree * leaves + node] = column;
      this.#splits[tree * leaves + node] = middle;
      highs[column] = middle;
      halve(tree, 2 * node);
      highs[column] = high;
      lows[column] = middle;
      halve(tree, 2 * node + 1);
      lows[column] = low;
    };
    for (let tree = 0; tree < this.#trees; tree += 1) {
      for (let column = 0; column < columns; column += 1) {
        const place = stream.next();
        const reach = 2 * Math.max(place, 1 - place);
        lows[column] = (place - reach) * 2 * workRange - workRange;
        highs[column] = (place + reach) * 2 * workRange - workRange;
      }
      halve(tree, 1);
    }
  }
}
