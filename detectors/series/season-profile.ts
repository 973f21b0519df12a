import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const hourMs = 3_600_000;
const dayHours = 24;
const weekHours = 168;

/**
 * Offsets per hour of the day (between hours interpolated) and of the week, for many columns. Rows
 * are kept hour by hour, so that a scrape touches three of them, and made when their hour first
 * comes: a run of minutes costs a few rows, a week 768 bytes per column. Hours are UTC; knows no
 * holidays.
 */
export class SeasonProfile implements StatePart {
  #columns = 0;
  /** Rows by hour; empty until the hour comes. */
  #day: Float32Array<ArrayBuffer>[] = emptyRows(dayHours);
  #week: Float32Array<ArrayBuffer>[] = emptyRows(weekHours);
  /** What stands in for hours that have not come. */
  #zeros = new Float32Array(0);
  #unknown = new Float32Array(0);
  /** The hours around the instant, how far it is between their middles, and the hour it is in. */
  #before = 0;
  #after = 1;
  #weight = 0;
  #hour = 0;
  /** The rows of these hours. */
  #beforeRow = this.#zeros;
  #afterRow = this.#zeros;
  #hourRow = this.#unknown;

  grow(columns: number): void {
    if (columns <= this.#columns) return;
    this.#columns = Math.max(columns, 2 * this.#columns);
    this.#day = this.#day.map((row) => (row.length > 0 ? this.#widen(row, 0) : row));
    this.#week = this.#week.map((row) => (row.length > 0 ? this.#widen(row, Number.NaN) : row));
    this.#takeRows();
  }

  /** Moves to an instant, ms since the epoch of the series; makes no row. */
  moveTo(atMs: number): void {
    const hours = atMs / hourMs;
    const middle = Math.floor(hours - 0.5);
    this.#before = modulo(middle, dayHours);
    this.#after = modulo(middle + 1, dayHours);
    this.#weight = hours - 0.5 - middle;
    this.#hour = modulo(Math.floor(hours), weekHours);
    this.#takeRows();
  }

  /** The offset of this time of day; 0 where nothing was learnt. */
  ofDay(column: number): number {
    const before = this.#beforeRow[column]!;
    return before + this.#weight * (this.#afterRow[column]! - before);
  }

  /** The offset of this hour of the week; NaN before it was first learnt. */
  ofWeek(column: number): number {
    return this.#hourRow[column]!;
  }

  /** Adds to the time of day, shared between the hours around it, and sets the hour's offset. */
  learn(column: number, dayChange: number, weekOffset: number): void {
    if (
      this.#hourRow === this.#unknown ||
      this.#beforeRow === this.#zeros ||
      this.#afterRow === this.#zeros
    ) {
      this.#openRows();
    }
    this.#beforeRow[column]! += (1 - this.#weight) * dayChange;
    this.#afterRow[column]! += this.#weight * dayChange;
    this.#hourRow[column] = weekOffset;
  }

  forget(column: number): void {
    for (const row of this.#day) if (row.length > 0) row[column] = 0;
    for (const row of this.#week) if (row.length > 0) row[column] = Number.NaN;
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#columns);
    writer.arrays(this.#day);
    writer.arrays(this.#week);
  }

  readState(reader: StateReader): void {
    this.#columns = reader.integer();
    this.#day = reader.arrays((one) => one.float32s());
    this.#week = reader.arrays((one) => one.float32s());
    this.#takeRows();
  }

  #takeRows(): void {
    if (this.#zeros.length < this.#columns) {
      this.#zeros = new Float32Array(this.#columns);
      this.#unknown = new Float32Array(this.#columns).fill(Number.NaN);
    }
    this.#beforeRow = orElse(this.#day[this.#before]!, this.#zeros);
    this.#afterRow = orElse(this.#day[this.#after]!, this.#zeros);
    this.#hourRow = orElse(this.#week[this.#hour]!, this.#unknown);
  }

  /** Makes the rows of the present hours. */
  #openRows(): void {
    const none = new Float32Array(0);
    for (const hour of [this.#before, this.#after]) {
      if (this.#day[hour]!.length === 0) this.#day[hour] = this.#widen(none, 0);
    }
    if (this.#week[this.#hour]!.length === 0) {
      this.#week[this.#hour] = this.#widen(none, Number.NaN);
    }
    this.#takeRows();
  }

  #widen(row: Float32Array, filler: number): Float32Array<ArrayBuffer> {
    const wider = new Float32Array(this.#columns).fill(filler, row.length);
    wider.set(row);
    return wider;
  }
}

function orElse(
  row: Float32Array<ArrayBuffer>,
  standIn: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  return row.length > 0 ? row : standIn;
}

function emptyRows(length: number): Float32Array<ArrayBuffer>[] {
  return Array.from({ length }, () => new Float32Array(0));
}

function modulo(value: number, period: number): number {
  return ((value % period) + period) % period;
}
