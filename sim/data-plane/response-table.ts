import type { CallGraph } from './call-graph.ts';
import { copyOutcome, createOutcome, type Outcome } from './outcome.ts';
import type { TopologyIndex } from './topology-index.ts';

/**
 * How slots respond and how attempts end, filled bottom-up whenever a part of the flow is played.
 * Where nothing waits, nothing is remembered from tick to tick; what waits still responds so.
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
  /** The time-out that the attempt was worked out for; NaN: not since the callee was played. */
  readonly attemptTimeoutMs: Float64Array;
}

export function createResponseTable(graph: CallGraph, index: TopologyIndex): ResponseTable {
  const own = Array.from(index.slotOperation, createOutcome);
  const zones = graph.zones.length;
  const cells = (zones + 1) * graph.operations.length;
  return {
    slots: [...own],
    own,
    inZone: Array.from({ length: zones * graph.operations.length }, () => null),
    attempts: Array.from({ length: cells }, createOutcome),
    attemptTimeoutMs: new Float64Array(cells).fill(Number.NaN),
  };
}

/** The table under other slot numbers: `before` tells which each slot had, −1 where it is new. */
export function renumberResponses(table: ResponseTable, before: Int32Array): ResponseTable {
  const own: Outcome[] = [];
  const slots: Outcome[] = [];
  for (let i = 0; i < before.length; i += 1) {
    const at = before[i] as number;
    const outcome = table.own[at] ?? createOutcome();
    own.push(outcome);
    slots.push(table.slots[at] ?? outcome);
  }
  return { ...table, own, slots };
}

/** An independent table of the same responses; how attempts end is worked out anew. */
export function copyResponses(table: ResponseTable): ResponseTable {
  const copies = new Map<Outcome, Outcome>();
  const copyOf = (outcome: Outcome): Outcome => {
    const known = copies.get(outcome);
    if (known) return known;
    const copy = createOutcome();
    copyOutcome(copy, outcome);
    copies.set(outcome, copy);
    return copy;
  };
  return {
    own: table.own.map(copyOf),
    slots: table.slots.map(copyOf),
    inZone: table.inZone.map((outcome) => outcome && copyOf(outcome)),
    attempts: table.attempts.map(createOutcome),
    attemptTimeoutMs: new Float64Array(table.attemptTimeoutMs.length).fill(Number.NaN),
  };
}
