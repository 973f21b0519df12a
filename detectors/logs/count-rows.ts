import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { LogWindow } from './log-detector.ts';

/** Lines by template. */
export type CountRow = readonly (readonly [template: number, count: number])[];

/** The newest rows of counts of one service, at most `rowsMax`. */
export class CountRows {
  readonly #rowsMax: number;
  #rows: CountRow[] = [];

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get rows(): readonly CountRow[] {
    return this.#rows;
  }

  push(row: CountRow): void {
    this.#rows.push(row);
    if (this.#rows.length > this.#rowsMax) this.#rows.shift();
  }

  /** Follows the miner where templates became one or were forgotten; whether anything changed. */
  follow(current: LogWindow['current']): boolean {
    const known = new Set(this.#rows.flatMap((row) => row.map(([template]) => template)));
    if ([...known].every((template) => current(template) === template)) return false;
    this.#rows = this.#rows.map((row) => renamed(row, current));
    return true;
  }

  writeState(writer: StateWriter): void {
    writer.plain(this.#rows);
  }

  readState(reader: StateReader): void {
    this.#rows = reader.plain<CountRow[]>();
  }
}

/** A row under the names that its templates have by now. */
export function renamed(row: CountRow, current: LogWindow['current']): CountRow {
  const counts = new Map<number, number>();
  for (const [template, count] of row) {
    const now = current(template);
    if (now !== undefined) counts.set(now, (counts.get(now) ?? 0) + count);
  }
  return [...counts];
}

/**
 * The templates with the most lines in the rows, at most `templatesMax`, the most frequent first.
 */
export function mostFrequent(rows: readonly CountRow[], templatesMax: number): number[] {
  const totals = new Map<number, number>();
  for (const row of rows) {
    for (const [template, count] of row) {
      totals.set(template, (totals.get(template) ?? 0) + count);
    }
  }
  return [...totals]
    .sort(([one, a], [other, b]) => b - a || one - other)
    .slice(0, templatesMax)
    .map(([template]) => template);
}

/** A window's counts by service. */
export function rowsByService({ counts }: LogWindow): Map<string, CountRow> {
  const services = new Map<string, [number, number][]>();
  for (const { service, template, count } of counts) {
    const own = services.get(service);
    if (own) own.push([template, count]);
    else services.set(service, [[template, count]]);
  }
  return services;
}
