import type { CallGraph } from './call-graph.ts';
import type { OwnPart } from './call-outcome.ts';
import type { FlowPart } from './flow-part.ts';
import {
  addRow,
  createFlowSums,
  type FlowCounters,
  type FlowSums,
  setOutcome,
} from './flow-sums.ts';
import type { WindowSums } from './flow-window.ts';
import type { ImpairTable } from './impair-table.ts';
import { ownErrorShare } from './impaired-calls.ts';
import { createOutcome, type Outcome, okShareOf } from './outcome.ts';
import { loadOutcome } from './outcome-rows.ts';
import { addOwn, createOwnSums, type OwnSums, setOwn } from './own-sums.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import type { ResponseTable } from './response-table.ts';
import type { TopologyIndex } from './topology-index.ts';

export interface TickParts {
  readonly part: FlowPart;
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly responses: ResponseTable;
  readonly counters: FlowCounters;
  readonly impairs: ImpairTable | null;
  /** Seconds that the tick stands for. */
  readonly seconds: number;
}

/**
 * What the last slot of each operation and zone has added: the next pod of a service mostly adds
 * the same to the bit. At [operation of the service · zones + zone].
 */
interface LastSlots {
  readonly sums: FlowSums;
  readonly own: OwnSums;
  /** The response's row; −1 where there is none yet. */
  readonly row: Int32Array;
  readonly served: Float64Array;
  readonly answered: Float64Array;
  readonly okShare: Float64Array;
}

const scratchOf = new WeakMap<CallGraph, LastSlots>();

/** Scratch, as large as the service with most operations asks for. */
function lastSlotsOf(graph: CallGraph): LastSlots {
  const known = scratchOf.get(graph);
  if (known) return known;
  const { firstOperation, zones } = graph;
  const operations = firstOperation.reduce((most, first, s) => {
    return Math.max(most, s === 0 ? 0 : first - (firstOperation[s - 1] as number));
  }, 0);
  const cells = operations * zones.length;
  const created: LastSlots = {
    sums: createFlowSums(cells),
    own: createOwnSums(cells),
    row: new Int32Array(cells),
    served: new Float64Array(cells),
    answered: new Float64Array(cells),
    okShare: new Float64Array(cells),
  };
  scratchOf.set(graph, created);
  return created;
}

/** Adds what the tick's pods answered, and their gauges, to the window and the counters. */
export function addPodFlows(sums: WindowSums, parts: TickParts): void {
  const { part, graph, index, reachable, state, responses, counters, seconds } = parts;
  const { slot } = state;
  const zones = graph.zones.length;
  const last = lastSlotsOf(graph);
  last.row.fill(-1);
  let { done, failed } = counters;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    if (!reachable.alive[p]) continue;
    const s = index.podService[p] as number;
    const first = index.firstSlot[p] as number;
    const until = index.firstSlot[p + 1] as number;
    for (let i = first, c = index.podZone[p] as number; i < until; i += 1, c += zones) {
      const row = responses.slots[i] as number;
      const served = slot.served[i] as number;
      const arrived = slot.arrivals[i] as number;
      const observedPerExpected = arrived > 0 ? (slot.observed[i] as number) / arrived : 1;
      const answered = (served + (slot.rejected[i] as number)) * observedPerExpected * seconds;
      const isLike =
        last.row[c] === row && last.served[c] === served && last.answered[c] === answered;
      if (!isLike) {
        last.row[c] = row;
        last.served[c] = served;
        last.answered[c] = answered;
        at.p = p;
        at.i = i;
        setLast(last, c, parts);
      }
      const ok = last.okShare[c] as number;
      done += served * ok;
      failed += served * (1 - ok);
      addRow(sums.services, s, last.sums, c);
      addOwn(state.sums, i, last.own, c);
    }
  }
  counters.done = done;
  counters.failed = failed;
  addPodGauges(sums, parts);
}

const response: Outcome = createOutcome();
const own: OwnPart = { rejectShare: 0, errorShare: 0, ms: 0, varianceMs2: 0 };
const part = { outcome: response, own };

/** The slot in hand, and its pod. */
const at = { p: 0, i: 0 };

/** Works out what that slot adds; those that share its response have the same own part, too. */
function setLast(last: LastSlots, c: number, parts: TickParts): void {
  const { graph, index, state, responses } = parts;
  const { slot, pod } = state;
  const { p, i } = at;
  const answered = last.answered[c] as number;
  loadOutcome(response, responses.outcomes, last.row[c] as number);
  own.rejectShare = Math.min(1, pod.rejectShare[p] as number);
  const errorRatio = graph.work.errorRatio[index.slotOperation[i] as number] as number;
  own.errorShare = ownErrorShare(parts, i, errorRatio + (pod.addedErrorRatio[p] as number));
  own.ms = slot.ownMs[i] as number;
  own.varianceMs2 = slot.ownVarianceMs2[i] as number;
  last.okShare[c] =
    own.rejectShare < 1 ? Math.min(1, okShareOf(response) / (1 - own.rejectShare)) : 1;
  setOutcome(last.sums, c, answered, response);
  setOwn(last.own, c, answered, part);
}

/** Adds the tick's pod gauges to the window. */
function addPodGauges(sums: WindowSums, { part, index, state, seconds }: TickParts): void {
  const { pod } = state;
  const { cpuCores } = sums.nodes;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    const cores = pod.cpuCores[p] as number;
    const bytes = pod.memoryBytes[p] as number;
    pod.sumTicks[p] = (pod.sumTicks[p] as number) + seconds;
    pod.sumCpuCores[p] = (pod.sumCpuCores[p] as number) + seconds * cores;
    if (bytes > (pod.maxMemoryBytes[p] as number)) pod.maxMemoryBytes[p] = bytes;
    pod.sumThrottledRatio[p] =
      (pod.sumThrottledRatio[p] as number) + seconds * (pod.throttledRatio[p] as number);
    pod.sumInFlight[p] = (pod.sumInFlight[p] as number) + seconds * (pod.inFlight[p] as number);
    const n = index.podNode[p] as number;
    if (n >= 0) cpuCores[n] = (cpuCores[n] as number) + seconds * cores;
  }
}
