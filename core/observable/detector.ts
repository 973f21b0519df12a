import type { MetricsFrame } from './telemetry.ts';

/** What a detector says of one frame; arrays run parallel to the frame's values. */
export interface FrameScores {
  /** How abnormal: 0 is ordinary, `threshold` and above is an alarm; NaN is "no opinion yet". */
  readonly scores: Float64Array;
  /** What was expected; NaN where unknown. */
  readonly expected: Float64Array;
  /** Signed deviation in (robust) standard deviations; NaN where unknown. */
  readonly zScores: Float64Array;
}

/**
 * What can be stopped and gone on with elsewhere: after `restore` of what `save` gave, everything
 * comes out as if it had never been stopped, to the byte.
 */
export interface Checkpointed {
  /** All state, with a versioned header; equal states give equal bytes. */
  save(): Uint8Array;
  /** Replaces all state; an InputError when the bytes are damaged or of something else. */
  restore(bytes: Uint8Array): void;
}

/**
 * A streaming anomaly detector over metrics frames. `score` never changes what the detector knows;
 * the lab calls `learn` with the same frame afterwards. The arrays of `score` are valid until its
 * next call. New columns may appear at the end of any frame.
 */
export interface Detector extends Partial<Checkpointed> {
  readonly name: string;
  /** Scores at or above this are alarms. */
  readonly threshold: number;
  score(frame: MetricsFrame): FrameScores;
  learn(frame: MetricsFrame): void;
}
