import { normalCdf, normalQuantile } from '../../core/tools/index.ts';

/** The gamma distribution, as far as latency laws need it. */

const lanczos: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];
const halfLogTwoPi = 0.9189385332046727;

/** Above this shape the Wilson-Hilferty normal approximation is good to 2e-5. */
const largeShape = 400;

/** ln Γ(x) for x > 0 (Lanczos with g = 7; relative error below 1e-13). */
export function logGamma(x: number): number {
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  let sum = 0.9999999999998099;
  for (let i = 0; i < 8; i += 1) sum += (lanczos[i] as number) / (x + i);
  const t = x + 6.5;
  return halfLogTwoPi + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * The Wilson-Hilferty approximation of {@link gammaCdf}: off by at most 0.013 at shape 1, 0.002 at
 * 4 and 2e-5 at 400.
 */
export function gammaCdfApproximate(shape: number, x: number): number {
  if (x <= 0) return 0;
  const ninth = 1 / (9 * shape);
  return normalCdf((Math.cbrt(x / shape) - 1 + ninth) / Math.sqrt(ninth));
}

/**
 * P(X <= x) of a gamma with this shape and scale 1: the regularised incomplete gamma function by
 * series or continued fraction (error below 1e-12; Numerical Recipes 6.2), 2e-5 for shapes over
 * 400.
 */
export function gammaCdf(shape: number, x: number): number {
  if (x <= 0) return 0;
  if (shape > largeShape) return gammaCdfApproximate(shape, x);
  return gammaCdfBehind(shape, x, Math.exp(shape * Math.log(x) - x - logGamma(shape)));
}

/** {@link gammaCdf} for whoever knows `front`, x^shape e^−x / Γ(shape); x > 0. */
export function gammaCdfBehind(shape: number, x: number, front: number): number {
  if (shape > largeShape) return gammaCdfApproximate(shape, x);
  return x < shape + 1 ? front * lowerSeries(shape, x) : 1 - front * upperFraction(shape, x);
}

function lowerSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; n < 1000; n += 1) {
    term *= x / (shape + n);
    sum += term;
    if (term < sum * 1e-14) break;
  }
  return sum;
}

function upperFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 1000; i += 1) {
    const a = -i * (i - shape);
    b += 2;
    d = 1 / nonZero(a * d + b);
    c = nonZero(b + a / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return h;
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/**
 * The p-quantile (0 < p < 1) of a gamma with this shape and scale 1: Wilson-Hilferty start, then
 * Halley steps on {@link gammaCdf} (relative error below 1e-9; about 1 µs).
 */
export function gammaQuantile(shape: number, p: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (shape === 1) return -Math.log1p(-p);
  let x = quantileStart(shape, p);
  if (shape > largeShape) return x;
  const logNorm = logGamma(shape);
  for (let i = 0; i < 16; i += 1) {
    if (x <= 0) return 0;
    const logX = Math.log(x);
    const front = Math.exp(shape * logX - x - logNorm);
    if (front === 0) return x;
    const cdf = x < shape + 1 ? front * lowerSeries(shape, x) : 1 - front * upperFraction(shape, x);
    const newton = ((cdf - p) * x) / front;
    const curvature = (shape - 1) / x - 1;
    const step = newton / (1 - 0.5 * Math.min(1, newton * curvature));
    const next = x - step;
    x = next > 0 ? next : 0.5 * x;
    if (Math.abs(step) < 1e-10 * x) break;
  }
  return x;
}

function quantileStart(shape: number, p: number): number {
  if (shape > 1) {
    const ninth = 1 / (9 * shape);
    const root = 1 - ninth + normalQuantile(p) * Math.sqrt(ninth);
    return Math.max(1e-3 * shape, shape * root * root * root);
  }
  // Below shape 1 the cubic start can be negative; this is the start of Numerical Recipes'
  // invgammp.
  const t = 1 - shape * (0.253 + shape * 0.12);
  return p < t ? Math.exp(Math.log(p / t) / shape) : 1 - Math.log(1 - (p - t) / (1 - t));
}
