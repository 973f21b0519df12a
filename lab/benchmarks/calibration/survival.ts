/** Bins of log10(1 + score). */
const binWidth = 0.001;
const bins = 14_000;

/** How many scores were seen, and how many reached each height; to a quarter of a percent. */
export class Survival {
  readonly #counts = new Float64Array(bins);
  total = 0;

  add(score: number): void {
    if (!(score >= 0)) return;
    this.total += 1;
    this.#counts[Math.min(bins - 1, Math.floor(Math.log10(1 + score) / binWidth))]! += 1;
  }

  merge(other: Survival): void {
    this.total += other.total;
    for (let bin = 0; bin < bins; bin += 1) this.#counts[bin]! += other.#counts[bin]!;
  }

  /** Scores at this height or above. */
  atLeast(height: number): number {
    let sum = 0;
    for (let bin = binOf(height); bin < bins; bin += 1) {
      sum += this.#counts[bin]!;
    }
    return sum;
  }

  /** The height that a share of scores reaches; a share too small to be seen gives the highest. */
  heightOf(share: number): number {
    let sum = 0;
    for (let bin = bins - 1; bin >= 0; bin -= 1) {
      sum += this.#counts[bin]!;
      if (sum >= share * this.total && sum > 0) return 10 ** (bin * binWidth) - 1;
    }
    return 0;
  }
}

function binOf(height: number): number {
  return Math.min(bins - 1, Math.ceil(Math.log10(1 + height) / binWidth - 1e-9));
}
