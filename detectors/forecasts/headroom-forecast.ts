import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';

/** What a column could still carry. */
export interface Headroom {
  /** Load at which the utilisation reaches the limit; Infinity when it does not grow with load. */
  capacity: number;
  /** Lower end of the 90 % interval of the capacity. */
  capacityLow: number;
  /** Load that may still be added, as a share of the load now; NaN before there is an opinion. */
  share: number;
}

/** Pairs after which a pair weighs 1/e: half an hour of 15 s scrapes. */
const kept: number = Math.exp(-1 / 120);
const pairsMin = 40;
/** Load must have varied by this share of its mean before a slope can be told. */
const variationMin = 0.03;
const intervalDeviate = 1.6448536269514722;

// Fields of a column: weight, means of load and use, their squares and product about the means.
const weight = 0;
const meanLoad = 1;
const meanUse = 2;
const loadSquares = 3;
const useSquares = 4;
const products = 5;
const load = 6;
const pairs = 7;
const stride = 8;

/**
 * Headroom of columns of utilisation: the line through utilisation against load (least squares with
 * exponential forgetting, 30 min) prolonged to the limit. Says nothing while load hardly varies,
 * and too much where queues bend the line before the limit: ask for a limit below 1. O(1) per pair,
 * 64 bytes per column.
 */
export class HeadroomForecast {
  #state = new Float64Array(0);
  readonly #out: Headroom = { capacity: 0, capacityLow: 0, share: 0 };

  grow(columns: number): void {
    this.#state = grown(this.#state, columns * stride);
  }

  /** Takes in a utilisation and the load it came with; NaN in either is skipped. */
  learn(column: number, loadNow: number, use: number): void {
    if (Number.isNaN(loadNow) || Number.isNaN(use)) return;
    const s = this.#state;
    const at = column * stride;
    const before = kept * s[at + weight]!;
    const total = before + 1;
    const byLoad = loadNow - s[at + meanLoad]!;
    const byUse = use - s[at + meanUse]!;
    s[at + loadSquares] = kept * s[at + loadSquares]! + (before / total) * byLoad * byLoad;
    s[at + useSquares] = kept * s[at + useSquares]! + (before / total) * byUse * byUse;
    s[at + products] = kept * s[at + products]! + (before / total) * byLoad * byUse;
    s[at + meanLoad]! += byLoad / total;
    s[at + meanUse]! += byUse / total;
    s[at + weight] = total;
    s[at + load] = loadNow;
    s[at + pairs]! += 1;
  }

  /** As of the newest pair, up to a limit of utilisation; one object for all calls. */
  headroom(column: number, limit: number): Headroom {
    const s = this.#state;
    const at = column * stride;
    const out = this.#out;
    out.capacity = Number.POSITIVE_INFINITY;
    out.capacityLow = 0;
    out.share = Number.NaN;
    const total = s[at + weight]!;
    const deviation = Math.sqrt(s[at + loadSquares]! / Math.max(1, total));
    if (s[at + pairs]! < pairsMin || deviation < variationMin * s[at + meanLoad]!) return out;
    const slope = s[at + products]! / s[at + loadSquares]!;
    const left = Math.max(0, s[at + useSquares]! - slope * s[at + products]!);
    const error = intervalDeviate * Math.sqrt(left / Math.max(1, total - 2) / s[at + loadSquares]!);
    const room = limit - s[at + meanUse]!;
    if (slope > 0) out.capacity = s[at + meanLoad]! + room / slope;
    out.capacityLow = s[at + meanLoad]! + room / Math.max(Number.MIN_VALUE, slope + error);
    out.share = out.capacity / s[at + load]! - 1;
    return out;
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#state);
  }

  readState(reader: StateReader): void {
    this.#state = reader.float64s();
  }
}
