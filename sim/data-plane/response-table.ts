import type { CallGraph } from './call-graph.ts';
import { createOutcomeRows, moveOutcomes, type OutcomeRows } from './outcome-rows.ts';
import type { TopologyIndex } from './topology-index.ts';

/**
 * How slots respond and how attempts end, filled bottom-up whenever a part of the flow is played.
 * Where nothing waits, nothing is remembered from tick to tick; what waits still responds so.
 */
export interface ResponseTable {
  /** An outcome per slot, written when it responds like no slot before it. */
  readonly outcomes: OutcomeRows;
  /** The row with the response of each slot: its own, or that of one that responds alike. */
  readonly slots: Int32Array;
  /** The row of all pods of a zone, at [operation · zones + zone]; −1 where they differ. */
  readonly inZone: Int32Array;
  /** How an attempt ends, at [row · operations + operation]: all callers of a zone share it. */
  readonly attempts: OutcomeRows;
  /** The time-out that the attempt was worked out for; NaN: not since the callee was played. */
  readonly attemptTimeoutMs: Float64Array;
}

export function createResponseTable(graph: CallGraph, index: TopologyIndex): ResponseTable {
  const slots = index.slotOperation.length;
  const zones = graph.zones.length;
  const cells = (zones + 1) * graph.operations.length;
  return {
    outcomes: createOutcomeRows(slots),
    slots: new Int32Array(slots).map((_, i) => i),
    inZone: new Int32Array(zones * graph.operations.length).fill(-1),
    attempts: createOutcomeRows(cells),
    attemptTimeoutMs: new Float64Array(cells).fill(Number.NaN),
  };
}

/** The table under other slot numbers: `before` tells which each slot had, −1 where it is new. */
export function renumberResponses(
  table: ResponseTable,
  before: Int32Array,
  unused: OutcomeRows | null,
): ResponseTable {
  const outcomes = createOutcomeRows(before.length, unused);
  const tables = { from: table.outcomes, to: outcomes };
  const rows = moveRuns(tables, before, table.slots.length);
  const slots = before.map((at, i) => {
    if (at < 0) return i;
    const row = table.slots[at] as number;
    if ((rows[row] as number) < 0) {
      // The slot that others respond like is gone: the first of them that is left stands in for it.
      moveOutcomes(tables, { first: row, to: i, count: 1 });
      rows[row] = i;
    }
    return rows[row] as number;
  });
  const inZone = table.inZone.map((row) => (row < 0 ? -1 : (rows[row] as number)));
  return { ...table, outcomes, slots, inZone };
}

/** Moves the rows of slots that are still there; answers where those of all went, −1: nowhere. */
function moveRuns(
  tables: { readonly from: OutcomeRows; readonly to: OutcomeRows },
  before: Int32Array,
  count: number,
): Int32Array {
  const rows = new Int32Array(count).fill(-1);
  for (let i = 0; i < before.length; ) {
    const first = before[i] as number;
    let length = 1;
    if (first >= 0) {
      while (before[i + length] === first + length) length += 1;
      moveOutcomes(tables, { first, to: i, count: length });
      for (let k = 0; k < length; k += 1) rows[first + k] = i + k;
    }
    i += length;
  }
  return rows;
}

/** An independent table of the same responses; how attempts end is worked out anew. */
export function copyResponses(table: ResponseTable): ResponseTable {
  return {
    outcomes: table.outcomes.slice(),
    slots: table.slots.slice(),
    inZone: table.inZone.slice(),
    attempts: new Float64Array(table.attempts.length),
    attemptTimeoutMs: new Float64Array(table.attemptTimeoutMs.length).fill(Number.NaN),
  };
}
