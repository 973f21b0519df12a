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
    const isLate = (signal: 'logs' | 'spans', { atMs }: Held<unknown>, from: Resource): boolean =>
      atMs + loss.delayMs(signal, from) > untilMs;
    const freshLogs = logs
      .filter(({ resource }, i) => !loss.isLost('logs', resource, entityOf(resource, i), scrape))
      .map((record) => ({ item: shiftedLog(record, loss), atMs: untilMs }));
    const freshSpans = spans
      .filter(({ resource }) => !full.has(resource.node))
      .filter(({ resource }, i) => !loss.isLost('spans', resource, entityOf(resource, i), scrape))
      .map((span) => ({ item: shiftedSpan(span, loss), atMs: untilMs }));
    const [arrivedLogs, heldLogs] = part(
      [...this.#heldLogs, ...freshLogs],
      (held) => stalled.has(held.item.resource.node) || isLate('logs', held, held.item.resource),
    );
    const [arrivedSpans, heldSpans] = part([...this.#heldSpans, ...freshSpans], (held) =>
      isLate('spans', held, held.item.resource),
    );
    this.#heldLogs = heldLogs;
    this.#heldSpans = heldSpans;
    return { logs: arrivedLogs.sort((a, b) => a.atMs - b.atMs), spans: arrivedSpans };
  }

  fork(): Delivery {
    return new Delivery(this.#gaps, this);
  }
}

/** Items that arrive, and those held for longer. */
function part<Item>(
  all: readonly Held<Item>[],
  isHeld: (held: Held<Item>) => boolean,
): [arrived: Item[], held: Held<Item>[]] {
  const arrived: Item[] = [];
  const held: Held<Item>[] = [];
  for (const one of all) {
    if (isHeld(one)) held.push(one);
    else arrived.push(one.item);
  }
  return [arrived, held];
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
