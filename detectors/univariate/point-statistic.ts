import type { StatePart } from '../checkpoint/checkpoint.ts';

/**
 * A univariate method before calibration: how far out a value is, in the method's own unit.
 * `statistic` changes nothing, `learn` comes after; neither is given a missing value.
 */
export interface PointStatistic extends StatePart {
  /** 0 and up; NaN while warming up. */
  statistic(value: number, atMs: number): number;
  /** What the next value was expected to be; NaN where the method has no idea. */
  expected(atMs: number): number;
  learn(value: number, atMs: number): void;
}
