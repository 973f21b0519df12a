import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { Trace } from './assemble-traces.ts';

/** The traces whose spans arrived in one scrape. */
export interface TraceWindow {
  readonly untilMs: number;
  readonly traces: readonly Trace[];
}

/** An operation, a shape or a service that does not behave as it did. */
export interface TraceAnomaly {
  readonly service: string;
  /**
   * `service/operation`, `->service/operation` for calls to it, or the operation that users call.
   */
  readonly operation: string;
  /** -log10 of the chance of this where nothing is wrong. */
  readonly score: number;
  /** What was seen and what was expected: ms, or traces. */
  readonly value: number;
  readonly expected: number;
  /** The trace that shows it best; null where it shows in none. */
  readonly traceId: string | null;
}

/**
 * A streaming detector over traces. `score` gives what is at or above `threshold` and never changes
 * what the detector knows; the caller calls `learn` with the same window afterwards. Its state can
 * be saved and restored to the byte.
 */
export interface TraceDetector extends StatePart {
  readonly name: string;
  /** In -log10 p. */
  readonly threshold: number;
  score(window: TraceWindow): readonly TraceAnomaly[];
  learn(window: TraceWindow): void;
}

/** One false alarm in a million scores, if they are calibrated. */
export const traceThreshold = 6;
