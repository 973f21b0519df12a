import type { LogRecord } from '../../core/observable/index.ts';
import type { PodIdentity } from './pod-identity.ts';

type Draft = { -readonly [Key in keyof LogRecord]: LogRecord[Key] };

/** Where in a trace a line was written. */
export interface TracePosition {
  readonly traceId: string;
  readonly spanId: string;
}

/** The log lines of one scrape window, in the making. */
export class WindowLogs {
  readonly #records: Draft[] = [];

  get length(): number {
    return this.#records.length;
  }

  /** `atMs` is true time; the line carries what the node's lagging clock says. */
  add(
    source: PodIdentity,
    line: { severity: LogRecord['severity']; atMs: number; body: string },
    position: TracePosition | null = null,
  ): void {
    this.#records.push({
      atMs: line.atMs - source.clockLagMs,
      severity: line.severity,
      body: line.body,
      resource: source.resource,
      traceId: position ? position.traceId : null,
      spanId: position ? position.spanId : null,
    });
  }

  /** Moves the lines from number `from` on: a walk knows its true time only at its end. */
  shift(from: number, offsetMs: number): void {
    for (let i = from; i < this.#records.length; i += 1) {
      (this.#records[i] as Draft).atMs += offsetMs;
    }
  }

  /** All lines by time, in whole milliseconds as shippers write them; ties as written. */
  finish(): readonly LogRecord[] {
    for (const record of this.#records) record.atMs = Math.round(record.atMs);
    return this.#records.sort((a, b) => a.atMs - b.atMs);
  }
}
