/** A bin is a float's exponent and the first eight bits of its fraction: 0.2 to 0.4 % wide. */
const dropped = 15;
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);
const firstBin = binOf(1e-3);
const binCount = binOf(1e7) - firstBin;

function binOf(ms: number): number {
  float[0] = ms;
  return bits[0]! >> dropped;
}

function startOf(bin: number): number {
  bits[0] = bin << dropped;
  return float[0]!;
}

/** A figure with its standard error from batch means. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/**
 * Times in ms, in batches: mean and quantiles (from bins of less than half a percent, interpolated)
 * with standard errors. Times below 1 µs count as zero.
 */
export class Tally {
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  readonly #bins: Uint32Array;

  constructor(batches: number) {
    this.#counts = new Float64Array(batches);
    this.#sums = new Float64Array(batches);
    this.#bins = new Uint32Array(batches * binCount);
  }

  add(batch: number, ms: number): void {
    this.#counts[batch] = this.#counts[batch]! + 1;
    this.#sums[batch] = this.#sums[batch]! + ms;
    const bin = Math.min(Math.max(0, binOf(ms) - firstBin), binCount - 1);
    const at = batch * binCount + bin;
    this.#bins[at] = this.#bins[at]! + 1;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  mean(): Estimate {
    const total = this.#sums.reduce((sum, part) => sum + part, 0);
    const means = this.#counts.map((count, b) => this.#sums[b]! / count);
    return { value: total / this.count, standardError: standardErrorOf(means) };
  }

  quantile(q: number): Estimate {
    const all = new Float64Array(binCount);
    for (let i = 0; i < this.#bins.length; i += 1) {
      all[i % binCount] = all[i % binCount]! + this.#bins[i]!;
    }
    const perBatch = this.#counts.map((_, b) =>
      quantileOf(this.#bins.subarray(b * binCount, (b + 1) * binCount), q),
    );
    return { value: quantileOf(all, q), standardError: standardErrorOf(perBatch) };
  }
}

function quantileOf(bins: Float64Array | Uint32Array, q: number): number {
  let left = 0;
  for (const count of bins) left += count;
  left *= q;
  for (let i = 0; i < bins.length; i += 1) {
    const count = bins[i]!;
    if (left > count || count === 0) {
      left -= count;
      continue;
    }
    const fromMs = startOf(firstBin + i);
    return i === 0 ? 0 : fromMs + (left / count) * (startOf(firstBin + i + 1) - fromMs);
  }
  return Number.POSITIVE_INFINITY;
}

/** The standard error of the mean of independent batches. */
function standardErrorOf(batches: Float64Array): number {
  const n = batches.length;
  const mean = batches.reduce((sum, value) => sum + value, 0) / n;
  const squares = batches.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(squares / (n - 1) / n);
}
