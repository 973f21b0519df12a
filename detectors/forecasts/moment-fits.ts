/** Sums of value times powers of time follow those of the weights times powers of time, 0 to 4. */
export const moments = 5;
/** Deviations by which a bend must differ from none. */
const bendDeviations = 1;

/** Where a column stands and where it goes, as a parabola in minutes from now with covariances. */
export interface TrendFit {
  level: number;
  slope: number;
  /**
   * Second-order coefficient; 0 or less: only a climb that slows down is told from a steady one.
   */
  bend: number;
  /** Upper triangle of the covariance of the three. */
  readonly covariance: Float64Array;
  /** Standard deviation of one value around the trend. */
  deviation: number;
  /** Minutes since the last change of the trend. */
  ageMinutes: number;
  /** Values since then. */
  count: number;
  /** What the climb has added to where it began. */
  rise: number;
  /** Whether the last values lie below the trend. */
  isEnding: boolean;
}

/** Adds a value at a time from now to the sums at a place. */
export function addMoments(
  s: Float64Array,
  at: number,
  minutes: number,
  value: number,
  weight: number,
): void {
  let power = weight;
  for (let k = 0; k < moments; k += 1) {
    s[at + k]! += power;
    if (k < 3) s[at + moments + k]! += power * value;
    power *= minutes;
  }
}

/** Slope of the line through weighted values, per minute, from their sums at a place. */
export function slopeOf(s: Float64Array, at: number): number {
  const determinant = s[at]! * s[at + 2]! - s[at + 1]! * s[at + 1]!;
  if (!(determinant > 1e-9)) return 0;
  return (s[at]! * s[at + moments + 1]! - s[at + 1]! * s[at + moments]!) / determinant;
}

/** Fits a line to the weighted values whose sums lie at a place. */
export function fitLine(s: Float64Array, at: number, variance: number, fit: TrendFit): void {
  // One by one: taken apart from an array, they would be garbage.
  const s0 = s[at]!;
  const s1 = s[at + 1]!;
  const s2 = s[at + 2]!;
  const t0 = s[at + moments]!;
  const t1 = s[at + moments + 1]!;
  const determinant = s0 * s2 - s1 * s1;
  const { covariance } = fit;
  covariance.fill(0);
  fit.bend = 0;
  fit.slope = 0;
  fit.level = t0 / s0;
  if (!(determinant > 1e-9)) return;
  fit.level = (s2 * t0 - s1 * t1) / determinant;
  fit.slope = (s0 * t1 - s1 * t0) / determinant;
  covariance[0] = (variance * s2) / determinant;
  covariance[1] = (-variance * s1) / determinant;
  covariance[3] = (variance * s0) / determinant;
}

/**
 * Fits a parabola to them; false when the values are as well described by a line, or bend upwards.
 */
export function fitParabola(s: Float64Array, at: number, variance: number, fit: TrendFit): boolean {
  const a = s[at]!;
  const b = s[at + 1]!;
  const c = s[at + 2]!;
  const d = s[at + 3]!;
  const e = s[at + 4]!;
  const t0 = s[at + moments]!;
  const t1 = s[at + moments + 1]!;
  const t2 = s[at + moments + 2]!;
  // The adjugate of the symmetric matrix [[a, b, c], [b, c, d], [c, d, e]].
  const m00 = c * e - d * d;
  const m01 = c * d - b * e;
  const m02 = b * d - c * c;
  const m11 = a * e - c * c;
  const m12 = b * c - a * d;
  const m22 = a * c - b * b;
  const determinant = a * m00 + b * m01 + c * m02;
  if (!(determinant > 1e-9)) return false;
  const bend = (m02 * t0 + m12 * t1 + m22 * t2) / determinant;
  if (bend > -bendDeviations * Math.sqrt((variance * m22) / determinant)) return false;
  fit.level = (m00 * t0 + m01 * t1 + m02 * t2) / determinant;
  fit.slope = (m01 * t0 + m11 * t1 + m12 * t2) / determinant;
  fit.bend = bend;
  const unit = variance / determinant;
  fit.covariance[0] = unit * m00;
  fit.covariance[1] = unit * m01;
  fit.covariance[2] = unit * m02;
  fit.covariance[3] = unit * m11;
  fit.covariance[4] = unit * m12;
  fit.covariance[5] = unit * m22;
  return true;
}
