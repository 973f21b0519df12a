import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface SpectralResidualOptions {
  /** Values transformed, the extrapolated ones included; a power of two. */
  readonly windowPoints: number;
}

/** Copies of the point that should have come next, so that the newest is not at the edge. */
const extension = 5;
const gradientPoints = 5;
const amplitudePoints = 3;
const saliencyPoints = 21;
const amplitudeFloor = 1e-8;

/**
 * Spectral residual: how much the newest value stands out in the saliency map, which keeps of the
 * spectrum only what its neighbourhood does not explain. Finds spikes and sudden changes without a
 * model; blind to slow shifts and to what lasts. O(w log w), about 10 µs at 64. Ren et al. 2019.
 */
export class SpectralResidual implements PointStatistic {
  readonly #size: number;
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #logs: Float64Array;
  /** The last values, oldest first. */
  #window: Float64Array<ArrayBuffer>;
  #seen = 0;

  constructor(options: Partial<SpectralResidualOptions> = {}) {
    const size = options.windowPoints ?? 64;
    this.#size = size;
    this.#real = new Float64Array(size);
    this.#imaginary = new Float64Array(size);
    this.#logs = new Float64Array(size);
    this.#cosines = Float64Array.from({ length: size / 2 }, (_, k) =>
      Math.cos((2 * Math.PI * k) / size),
    );
    this.#sines = Float64Array.from({ length: size / 2 }, (_, k) =>
      Math.sin((2 * Math.PI * k) / size),
    );
    this.#window = new Float64Array(size - extension - 1);
  }

  statistic(value: number): number {
    const known = this.#window.length;
    if (this.#seen < known) return Number.NaN;
    const real = this.#real;
    real.set(this.#window);
    real[known] = value;
    real.fill(this.#next(), known + 1);
    const pivot = real[0]!;
    let spread = 0;
    for (let i = 0; i < this.#size; i += 1) {
      real[i]! -= pivot;
      spread = Math.max(spread, Math.abs(real[i]!));
    }
    if (spread <= 1e-9 * Math.abs(pivot) || spread === 0) return 0;
    for (let i = 0; i < this.#size; i += 1) real[i]! /= spread;
    this.#imaginary.fill(0);
    this.#saliency();
    let sum = 0;
    for (let i = known - saliencyPoints; i < known; i += 1) sum += real[i]!;
    const mean = sum / saliencyPoints;
    return Math.max(0, (real[known]! - mean) / Math.max(mean, amplitudeFloor));
  }

  expected(): number {
    return Number.NaN;
  }

  learn(value: number): void {
    this.#window.copyWithin(0, 1);
    this.#window[this.#window.length - 1] = value;
    this.#seen += 1;
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#window);
    writer.number(this.#seen);
  }

  readState(reader: StateReader): void {
    this.#window = reader.float64s();
    this.#seen = reader.number();
  }

  /** What should have come, by the mean gradient before the newest value. */
  #next(): number {
    const window = this.#window;
    const before = window[window.length - 1]!;
    let gradients = 0;
    for (let back = 1; back <= gradientPoints; back += 1) {
      gradients += (before - window[window.length - 1 - back]!) / back;
    }
    return window[window.length - gradientPoints]! + gradients;
  }

  /** Replaces the series in `#real` by its saliency map. */
  #saliency(): void {
    const real = this.#real;
    const imaginary = this.#imaginary;
    const logs = this.#logs;
    this.#transform(1);
    for (let i = 0; i < this.#size; i += 1) {
      logs[i] = Math.log(Math.max(amplitudeFloor, Math.hypot(real[i]!, imaginary[i]!)));
    }
    for (let i = 0; i < this.#size; i += 1) {
      let around = 0;
      for (let k = 0; k < amplitudePoints; k += 1) around += logs[Math.max(0, i - k)]!;
      const factor = Math.exp(-around / amplitudePoints);
      real[i]! *= factor;
      imaginary[i]! *= factor;
    }
    this.#transform(-1);
    for (let i = 0; i < this.#size; i += 1) real[i] = Math.hypot(real[i]!, imaginary[i]!);
  }

  /** Cooley and Tukey's transform in place; direction -1 is the inverse, unscaled. */
  #transform(direction: 1 | -1): void {
    const real = this.#real;
    const imaginary = this.#imaginary;
    const size = this.#size;
    for (let i = 1, j = 0; i < size; i += 1) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        swap(real, i, j);
        swap(imaginary, i, j);
      }
    }
    for (let length = 2; length <= size; length *= 2) {
      const step = size / length;
      for (let from = 0; from < size; from += length) {
        for (let k = 0; k < length / 2; k += 1) {
          const cosine = this.#cosines[k * step]!;
          const sine = -direction * this.#sines[k * step]!;
          const a = from + k;
          const b = a + length / 2;
          const turnedReal = real[b]! * cosine - imaginary[b]! * sine;
          const turnedImaginary = real[b]! * sine + imaginary[b]! * cosine;
          real[b] = real[a]! - turnedReal;
          imaginary[b] = imaginary[a]! - turnedImaginary;
          real[a]! += turnedReal;
          imaginary[a]! += turnedImaginary;
        }
      }
    }
  }
}

function swap(array: Float64Array, i: number, j: number): void {
  const kept = array[i]!;
  array[i] = array[j]!;
  array[j] = kept;
}
