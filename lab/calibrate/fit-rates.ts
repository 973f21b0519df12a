import { type CallSlot, findCallSlots } from './call-order.ts';
import { matchJourneys } from './match-journeys.ts';
import { addUp, type MetricFacts, meanOf, type WindowedValues } from './metric-facts.ts';
import { serviceOfKey } from './operation-statistics.ts';
import type { TraceStatistics } from './trace-statistics.ts';

/** One kind of user request. */
export interface FittedEntry {
  readonly key: string;
  /** As an edge proxy calls it; null when nothing tells. */
  readonly journey: string | null;
  readonly requestsPerSec: number;
  readonly byWindow: WindowedValues;
}

export interface FittedRates {
  readonly entries: readonly FittedEntry[];
  readonly requestsPerSec: number;
  readonly totalByWindow: WindowedValues;
  /** Calls of each operation, in order; cycles are cut. */
  readonly slots: ReadonlyMap<string, readonly CallSlot[]>;
  /** Requests per second by operation: the mean, and per window. */
  readonly means: ReadonlyMap<string, number>;
  readonly byWindow: ReadonlyMap<string, WindowedValues>;
  /** Operations, callers first. */
  readonly order: readonly string[];
  readonly notes: readonly string[];
  /** The source of the total. */
  readonly source: 'user metrics' | 'service metrics' | 'traces';
}

/** Entries rarer than this share of all are leftovers of broken traces. */
const rareEntryShare = 0.0005;
/** Relative error of a rate from metrics. */
const rateError = 0.005;
const reconcileRounds = 8;

/**
 * Call graph and request rates. Mean calls per request come from traces and are corrected, each as
 * far as it is uncertain, until they agree with the rates that metrics count.
 */
export function fitRates(traces: TraceStatistics, metrics: MetricFacts): FittedRates {
  const notes: string[] = [];
  const slots = new Map<string, CallSlot[]>();
  for (const [key, { orders }] of traces.operations) {
    slots.set(key, findCallSlots([...orders.values()]));
  }
  const keys = findEntries(traces, notes);
  const order = orderOperations(keys, slots, notes);
  const total = totalRate(traces, metrics, keys);
  const entries = splitTotal(traces, metrics, keys, total.values);
  const means = (): Map<string, number> =>
    propagate(order, slots, new Map(entries.map((e) => [e.key, e.requestsPerSec])));
  for (let round = 0; round < reconcileRounds; round += 1) reconcile(slots, metrics, means());
  return {
    entries,
    requestsPerSec: meanOf(total.values) ?? 0,
    totalByWindow: total.values,
    slots: new Map(order.map((key) => [key, slots.get(key) ?? []])),
    means: means(),
    byWindow: byWindow(order, slots, entries, metrics),
    order,
    notes,
    source: total.source,
  };
}

function findEntries({ operations }: TraceStatistics, notes: string[]): string[] {
  const all = [...operations].filter(([, { entries }]) => entries > 0);
  const total = all.reduce((sum, [, { entries }]) => sum + entries, 0);
  const kept = all.filter(([, { entries }]) => entries >= rareEntryShare * total);
  if (kept.length < all.length) {
    notes.push(
      `${all.length - kept.length} rare entry operations left out, ` +
        `each below ${100 * rareEntryShare} % of requests`,
    );
  }
  return kept.map(([key]) => key);
}

/** Callers first; a call that leads back is dropped, since a request must come to an end. */
function orderOperations(
  entries: readonly string[],
  slots: Map<string, CallSlot[]>,
  notes: string[],
): string[] {
  const done = new Set<string>();
  const path = new Set<string>();
  const finished: string[] = [];
  const visit = (key: string): void => {
    if (done.has(key)) return;
    path.add(key);
    const kept = (slots.get(key) ?? []).filter(({ callee, count }) => {
      const isBack = path.has(callee);
      if (isBack) notes.push(`call ${key} -> ${callee} closes a circle and is left out`);
      return !isBack && count > 0;
    });
    slots.set(key, kept);
    for (const { callee } of kept) visit(callee);
    path.delete(key);
    done.add(key);
    finished.push(key);
  };
  for (const key of entries) visit(key);
  return finished.reverse();
}

function totalRate(
  traces: TraceStatistics,
  metrics: MetricFacts,
  entries: readonly string[],
): { values: WindowedValues; source: FittedRates['source'] } {
  if (metrics.journeys.size > 0) {
    return { values: addUp([...metrics.journeys.values()]), source: 'user metrics' };
  }
  const perOperation = entries.map((key) => metrics.operations.get(key));
  if (perOperation.every((values) => values !== undefined)) {
    return { values: addUp(perOperation), source: 'service metrics' };
  }
  const services = [...new Set(entries.map(serviceOfKey))];
  const perService = services.map((service) => metrics.services.get(service));
  const isCalled = [...traces.operations.values()].some(({ callees }) =>
    [...callees.keys()].some((key) => services.includes(serviceOfKey(key))),
  );
  if (!isCalled && perService.every((values) => values !== undefined)) {
    return { values: addUp(perService), source: 'service metrics' };
  }
  const seconds = Math.max(1, (traces.untilMs - traces.fromMs) / 1000);
  const perSec = traces.traces / seconds;
  return { values: new Float64Array(Math.max(1, metrics.windows)).fill(perSec), source: 'traces' };
}

function splitTotal(
  traces: TraceStatistics,
  metrics: MetricFacts,
  keys: readonly string[],
  total: WindowedValues,
): FittedEntry[] {
  const counts = keys.map((key) => traces.operations.get(key)?.entries ?? 0);
  const traced = counts.reduce((sum, count) => sum + count, 0);
  const perOperation = keys.map((key) => metrics.operations.get(key));
  const matches = matchJourneys(counts, metrics.journeys);
  return keys.map((key, i): FittedEntry => {
    const match = matches?.[i] ?? null;
    const share = match?.share ?? (counts[i] as number) / traced;
    // A series that may be another journey's tells the size, not the course.
    const counted = match?.name ? match.values : perOperation[i];
    const values = counted ?? total.map((perSec) => perSec * share);
    const journey = match?.name ?? null;
    return { key, journey, requestsPerSec: meanOf(values) ?? 0, byWindow: values };
  });
}

function propagate(
  order: readonly string[],
  slots: ReadonlyMap<string, readonly CallSlot[]>,
  entries: ReadonlyMap<string, number>,
): Map<string, number> {
  const rates = new Map(order.map((key) => [key, entries.get(key) ?? 0]));
  for (const key of order) {
    const rate = rates.get(key) ?? 0;
    for (const { callee, count } of slots.get(key) ?? []) {
      rates.set(callee, (rates.get(callee) ?? 0) + rate * count);
    }
  }
  return rates;
}

/**
 * Moves uncertain counts towards what metrics count: the minimum-variance correction under one
 * linear observation per operation, edge or service, whichever is there.
 */
function reconcile(
  slots: ReadonlyMap<string, readonly CallSlot[]>,
  metrics: MetricFacts,
  rates: ReadonlyMap<string, number>,
): void {
  const groups = new Map<string, { slot: CallSlot; callerPerSec: number }[]>();
  const observed = new Map<string, number>();
  for (const [key, list] of slots) {
    const callerPerSec = rates.get(key);
    if (callerPerSec === undefined) continue;
    for (const slot of list) {
      const found = observationOf(metrics, serviceOfKey(key), slot.callee);
      if (!found) continue;
      const [name, perSec] = found;
      observed.set(name, perSec);
      const members = groups.get(name) ?? [];
      members.push({ slot, callerPerSec });
      groups.set(name, members);
    }
  }
  for (const [name, members] of groups) {
    const perSec = observed.get(name) as number;
    let expected = 0;
    let variance = (rateError * perSec) ** 2;
    for (const { slot, callerPerSec } of members) {
      expected += callerPerSec * slot.count;
      variance += callerPerSec * callerPerSec * slot.countVariance;
    }
    if (!(variance > 0)) continue;
    for (const { slot, callerPerSec } of members) {
      const gain = (callerPerSec * slot.countVariance) / variance;
      slot.count = Math.max(0, slot.count + gain * (perSec - expected));
    }
  }
}

function observationOf(
  metrics: MetricFacts,
  caller: string,
  callee: string,
): [string, number] | null {
  const service = serviceOfKey(callee);
  const edge = `${caller}->${service}`;
  const perEdge = meanOf(metrics.edges.get(edge));
  return perEdge === null ? null : [edge, perEdge];
}

function byWindow(
  order: readonly string[],
  slots: ReadonlyMap<string, readonly CallSlot[]>,
  entries: readonly FittedEntry[],
  metrics: MetricFacts,
): Map<string, WindowedValues> {
  const windows = entries[0]?.byWindow.length ?? 0;
  const rates = new Map(order.map((key) => [key, new Float64Array(windows)]));
  for (const { key, byWindow: values } of entries) rates.set(key, values.slice());
  for (const key of order) {
    const counted = metrics.operations.get(key);
    if (counted && counted.length === windows) rates.set(key, counted);
    const values = rates.get(key) as WindowedValues;
    for (const { callee, count } of slots.get(key) ?? []) {
      const target = rates.get(callee) as WindowedValues;
      for (let w = 0; w < windows; w += 1) {
        (target[w] as number) += count * (values[w] as number);
      }
    }
  }
  return rates;
}
