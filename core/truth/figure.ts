/**
 * A mean over `n` trials with its 95 % interval; all three are null when no trial has the figure.
 */
export interface Figure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** What there is to say of no trials. */
export const noFigure: Figure = { value: null, low: null, high: null, n: 0 };
