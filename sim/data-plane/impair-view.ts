import type { Cause } from '../../core/truth/index.ts';
import type { CallGraph, GraphCall } from './call-graph.ts';
import {
  type CallPractice,
  type ImpairSight,
  joinWays,
  type WayView,
  type WorkView,
} from './impair-sight.ts';
import type { ImpairTable } from './impair-table.ts';
import type { Ways } from './impair-ways.ts';
import type { TopologyIndex } from './topology-index.ts';

/** An impair table in names instead of numbers, as of a window's end. */
export class ImpairView implements ImpairSight {
  readonly #table: ImpairTable;
  readonly #index: TopologyIndex;
  readonly #zones: readonly string[];
  readonly #calls: CallGraph['calls'];
  readonly #serviceOf: CallGraph['operationService'];
  readonly #serviceNumber: ReadonlyMap<string, number>;
  /** What is wrong on the users' way to a service. */
  readonly #doors: ReadonlyMap<string, Cause | null>;

  constructor(table: ImpairTable, index: TopologyIndex, graph: CallGraph) {
    this.#table = table;
    this.#index = index;
    this.#zones = graph.zones;
    this.#calls = graph.calls;
    this.#serviceOf = graph.operationService;
    this.#serviceNumber = graph.serviceNumber;
    const { calls, journeys } = graph;
    this.#doors = new Map(
      journeys.map(({ service }, j) => [service, table.linkCause[calls.length + j] ?? null]),
    );
  }

  /** The way of a call (by its number) from a zone (or `user`) to a pod; null where all is well. */
  way(fromZone: string, uid: string, link: number): WayView | null {
    const { into, link: links, intoCause, linkCause } = this.#table;
    const zone = this.#zones.indexOf(fromZone);
    const row = zone < 0 ? this.#zones.length : zone;
    const p = this.#index.numberOf(uid);
    const near = readWay(links, link, linkCause[link] ?? null);
    const far =
      p < 0 ? null : readWay(into, row * this.#index.pods.length + p, intoCause[p] ?? null);
    return joinWays(near, far);
  }

  /** The way out of a pod; null where all is well. */
  leaving(uid: string): WayView | null {
    const p = this.#index.numberOf(uid);
    if (p < 0) return null;
    return readWay(this.#table.outOf, p, this.#table.outOfCause[p] ?? null);
  }

  /** How a call (by its number) is made at present. */
  policy(link: number): CallPractice {
    const { count, extraRetries, timeoutMs } = this.#table;
    const { callee, spec } = this.#calls[link] as GraphCall;
    const told = this.#index.callPolicies?.[this.#serviceOf[callee] as number]?.retries;
    return {
      count: count[link] as number,
      retries: (told ?? spec.retries) + (extraRetries[link] as number),
      timeoutMs: timeoutMs[link] as number,
    };
  }

  /** Records that the consumers of a service have not read because of it. */
  lag(service: string): number {
    return this.#table.lagRecords[this.#serviceNumber.get(service) ?? -1] ?? 0;
  }

  /** What is wrong with a pod or its ways, whatever it is; null where nothing is. */
  causeOf(uid: string): Cause | null {
    const p = this.#index.numberOf(uid);
    if (p < 0) return null;
    const { outOfCause, slotCause } = this.#table;
    const own = outOfCause[p] ?? slotCause[this.#index.firstSlot[p] as number];
    return own ?? this.#doors.get(this.#index.pods[p]?.service ?? '') ?? null;
  }

  /** How far the clock of a pod's node is ahead, in ms. */
  clockOffsetMs(uid: string): number {
    return this.#table.clockOffsetMs[this.#index.numberOf(uid)] ?? 0;
  }

  /** What is wrong with one operation of a pod; null where nothing is. */
  work(uid: string, position: number): WorkView | null {
    const p = this.#index.numberOf(uid);
    if (p < 0) return null;
    const i = (this.#index.firstSlot[p] as number) + position;
    const cause = this.#table.slotCause[i] ?? null;
    if (cause === null) return null;
    const { errorShare, stallShare, stallMs } = this.#table.slot;
    return {
      errorShare: errorShare[i] as number,
      stallShare: stallShare[i] as number,
      stallMs: stallMs[i] as number,
      cause,
    };
  }
}

function readWay(ways: Ways, at: number, cause: Cause | null): WayView | null {
  const delayMs = ways.delayMs[at] as number;
  const stallShare = ways.stallShare[at] as number;
  const cutShare = ways.cutShare[at] as number;
  const refusedShare = ways.refusedShare[at] as number;
  if (delayMs + stallShare + cutShare + refusedShare <= 0) return null;
  const stallMs = ways.stallMs[at] as number;
  return { delayMs, stallShare, stallMs, cutShare, refusedShare, cause };
}
