import type { LogRecord, Resource, Span } from '../../core/observable/index.ts';
import { hashText } from '../../core/tools/index.ts';
import type { NodeView } from '../cluster-view.ts';
import type { Gaps } from './gaps.ts';
import type { TelemetryLoss } from './telemetry-loss.ts';

/** What was written in one window. */
interface Written {
  readonly logs: readonly LogRecord[];
  readonly spans: readonly Span[];
}

interface Held<Item> {
  readonly item: Item;
  /** The end of the window in which it was written, and at which it was first due. */
  readonly atMs: number;
}

/** The way of log lines and spans from their nodes to whoever reads them. */
export class Delivery {
  readonly #gaps: Gaps;
  #heldLogs: readonly Held<LogRecord>[];
  #heldSpans: readonly Held<Span>[];

  constructor(gaps: Gaps, source?: Delivery) {
    this.#gaps = gaps;
    this.#heldLogs = source ? source.#heldLogs : [];
    this.#heldSpans = source ? source.#heldSpans : [];
  }

  /** What arrives by `untilMs`: late lines by their own time, lost ones never. */
  deliver(
    { logs, spans }: Written,
    options: {
      readonly nodes: readonly NodeView[];
      readonly loss: TelemetryLoss;
      readonly scrape: number;
      readonly untilMs: number;
    },
  ): Written {
    const { nodes, loss, scrape, untilMs } = options;
    const stalled = new Set<string>();
    const full = new Set<string>();
    for (const { name } of nodes) {
      if (this.#gaps.isShipperStalled(name, scrape)) stalled.add(name);
      if (this.#gaps.isExporterFull(name, scrape)) full.add(name);
    }
    const isCalm = loss.isNone && stalled.size === 0 && full.size === 0;
    if (isCalm && this.#heldLogs.length === 0 && this.#heldSpans.length === 0) {
      return { logs, spans };
    }
    const isLost = (signal: 'logs' | 'spans', from: Resource, i: number): boolean =>
      !loss.isNone && loss.isLost(signal, from, entityOf(from, i), scrape);
    const isLate = (signal: 'logs' | 'spans', from: Resource, atMs: number): boolean =>
      !loss.isNone && atMs + loss.delayMs(signal, from) > untilMs;
    const isHeld = (from: Resource, atMs: number): boolean =>
      stalled.has(from.node) || isLate('logs', from, atMs);
    const ofLogs = part(this.#heldLogs, isHeld);
    logs.forEach((record, i) => {
      if (isLost('logs', record.resource, i)) return;
      add(ofLogs, { item: shiftedLog(record, loss), atMs: untilMs }, isHeld);
    });
    const isLateSpan = (from: Resource, atMs: number): boolean => isLate('spans', from, atMs);
    const ofSpans = part(this.#heldSpans, isLateSpan);
    let sent = 0;
    for (const span of spans) {
      if (full.has(span.resource.node)) continue;
      sent += 1;
      if (isLost('spans', span.resource, sent - 1)) continue;
      add(ofSpans, { item: shiftedSpan(span, loss), atMs: untilMs }, isLateSpan);
    }
    this.#heldLogs = ofLogs.held;
    this.#heldSpans = ofSpans.held;
    return { logs: ofLogs.arrived.sort((a, b) => a.atMs - b.atMs), spans: ofSpans.arrived };
  }

  fork(): Delivery {
    return new Delivery(this.#gaps, this);
  }
}

/** Items that arrive, and those held for longer. */
interface Parted<Item> {
  readonly arrived: Item[];
  readonly held: Held<Item>[];
}

type IsHeld = (from: Resource, atMs: number) => boolean;

function part<Item extends { readonly resource: Resource }>(
  all: readonly Held<Item>[],
  isHeld: IsHeld,
): Parted<Item> {
  const parted: Parted<Item> = { arrived: [], held: [] };
  for (const one of all) add(parted, one, isHeld);
  return parted;
}

function add<Item extends { readonly resource: Resource }>(
  { arrived, held }: Parted<Item>,
  one: Held<Item>,
  isHeld: IsHeld,
): void {
  if (isHeld(one.item.resource, one.atMs)) held.push(one);
  else arrived.push(one.item);
}

/** Addresses the draws of the i-th record of a window. */
function entityOf({ pod }: Resource, i: number): number {
  return (hashText(pod) + i) >>> 0;
}

function shiftedLog(record: LogRecord, loss: TelemetryLoss): LogRecord {
  const offsetMs = loss.offsetMs('logs', record.resource);
  return offsetMs === 0 ? record : { ...record, atMs: record.atMs + offsetMs };
}

function shiftedSpan(span: Span, loss: TelemetryLoss): Span {
  const offsetMs = loss.offsetMs('spans', span.resource);
  return offsetMs === 0 ? span : { ...span, startMs: span.startMs + offsetMs };
}
