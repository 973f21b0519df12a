import type { CallGraph } from './call-graph.ts';
import type { RowRun } from './columns.ts';
import {
  copyOutcome,
  createOutcomeRows,
  type OutcomeRows,
  rearrangeOutcomes,
} from './outcome-rows.ts';
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
  /** How an attempt ends, at [operation · zones + zone]: all callers of a zone share it. */
  readonly attempts: OutcomeRows;
  /**
   * Per operation the time-out that attempts were worked out for; NaN: not since it was played.
   */
  readonly attemptTimeoutMs: Float64Array;
}

export function createResponseTable(graph: CallGraph, index: TopologyIndex): ResponseTable {
  const slots = index.slotOperation.length;
  const zones = graph.zones.length;
  const operations = graph.operations.length;
  return {
    outcomes: createOutcomeRows(slots),
    slots: new Int32Array(slots).map((_, i) => i),
    inZone: new Int32Array(zones * operations).fill(-1),
    attempts: createOutcomeRows(zones * operations),
    attemptTimeoutMs: new Float64Array(operations).fill(Number.NaN),
  };
}

/** The table of so many slots after some have moved; the one before is void then. */
export function renumberResponses(
  table: ResponseTable,
  count: number,
  runs: readonly RowRun[],
): ResponseTable {
  const rows = followRows(table.slots.length, runs);
  const slots = new Int32Array(count);
  for (const { first, to, count: length } of runs) {
    for (let k = 0; k < length; k += 1) {
      if (first < 0) {
        slots[to + k] = to + k;
        continue;
      }
      const row = table.slots[first + k] as number;
      if ((rows[row] as number) < 0) {
        // The slot that others respond like is gone: the first that is left stands in for it.
        copyOutcome(table.outcomes, row, first + k);
        rows[row] = to + k;
      }
      slots[to + k] = rows[row] as number;
    }
  }
  const inZone = table.inZone.map((row) => (row < 0 ? -1 : (rows[row] as number)));
  return { ...table, outcomes: rearrangeOutcomes(table.outcomes, count, runs), slots, inZone };
}

/** Where the row of each slot goes, −1: nowhere. */
function followRows(count: number, runs: readonly RowRun[]): Int32Array {
  const rows = new Int32Array(count).fill(-1);
  for (const { first, to, count: length } of runs) {
    if (first >= 0) for (let k = 0; k < length; k += 1) rows[first + k] = to + k;
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
