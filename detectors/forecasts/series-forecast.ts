import type { StatePart } from '../checkpoint/checkpoint.ts';

/** What a series is expected to be some steps ahead. */
export interface Expectation {
  mean: number;
  /** Standard deviation of the error that is to be expected. */
  deviation: number;
}

/** A streaming forecast of one evenly spaced series. */
export interface SeriesForecast extends StatePart {
  /** Takes in the next value; NaN stands for a lost one. */
  learn(value: number): void;
  /**
   * `steps` ahead of the newest value; NaN before there is an opinion. One object for all calls.
   */
  ahead(steps: number): Expectation;
}
