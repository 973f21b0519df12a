import type { CallGraph } from './call-graph.ts';
import { createOutcome, type Outcome } from './outcome.ts';
import type { TopologyIndex } from './topology-index.ts';

/**
 * How slots respond and how attempts end, filled bottom-up in every tick. Nothing is remembered
 * between ticks, so a table can be handed on when pods come and go.
 */
export interface ResponseTable {
  /** The response of each slot; slots that respond alike to the bit point to one outcome. */
  readonly slots: Outcome[];
  /** One outcome per slot, to be written when it responds like no slot before it. */
  readonly own: readonly Outcome[];
  /** The response of all pods of a zone, at [operation · zones + zone]; null where they differ. */
  readonly inZone: (Outcome | null)[];
  /** How an attempt ends, at [row · operations + operation]: all callers of a zone share it. */
  readonly attempts: readonly Outcome[];
  /** The time-out that the attempt was worked out for; NaN: not in this tick. */
  readonly attemptTimeoutMs: Float64Array;
}

export function createResponseTable(
  graph: CallGraph,
  index: TopologyIndex,
  before: ResponseTable | null,
): ResponseTable {
  const own = Array.from(index.slotOperation, (_, i) => before?.own[i] ?? createOutcome());
  const zones = graph.zones.length;
  const cells = (zones + 1) * graph.operations.length;
  return {
    slots: [...own],
    own,
    inZone: before?.inZone ?? Array.from({ length: zones * graph.operations.length }, () => null),
    attempts: before?.attempts ?? Array.from({ length: cells }, createOutcome),
    attemptTimeoutMs: before?.attemptTimeoutMs ?? new Float64Array(cells),
  };
}
