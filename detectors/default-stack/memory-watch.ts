import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ExhaustionForecast } from '../forecasts/exhaustion-forecast.ts';
import { grown } from '../score-buffers.ts';

/** Below this utilisation nobody needs a warning yet. */
const utilizationMin = 0.6;
/** A climb younger than this many minutes is no evidence. */
const youngestMin = 3;

/**
 * Foresees full memory for the columns that hold memory, which are few: only those take state. Evidence
 * needs less than a warning does, since it is told only beside what users feel.
 */
export class MemoryWatch implements StatePart {
  readonly #forecast = new ExhaustionForecast();
  /** One more than a column's place in the forecast; 0 for those that hold no memory. */
  #places = new Float64Array(0);
  #count = 0;

  /** Minutes until the column is full, at the latest likely; Infinity while it does not climb. */
  minutesLeft(column: number, value: number): number {
    const place = this.#places[column] ?? 0;
    if (place === 0 || !(value >= utilizationMin)) return Number.POSITIVE_INFINITY;
    const { highMin, ageMin } = this.#forecast.forecast(place - 1);
    return ageMin >= youngestMin ? highMin : Number.POSITIVE_INFINITY;
  }

  /** Where the climb began: what the column would hold without it. */
  start(column: number): number {
    return this.#forecast.forecast(this.#places[column]! - 1).from;
  }

  learn(column: number, atMs: number, value: number): void {
    this.#places = grown(this.#places, column + 1);
    if (this.#places[column] === 0) {
      this.#count += 1;
      this.#places[column] = this.#count;
      this.#forecast.grow(this.#count);
    }
    this.#forecast.learn(this.#places[column]! - 1, atMs, value);
  }

  writeState(writer: StateWriter): void {
    this.#forecast.writeState(writer);
    writer.array(this.#places);
    writer.integer(this.#count);
  }

  readState(reader: StateReader): void {
    this.#forecast.readState(reader);
    this.#places = reader.float64s();
    this.#count = reader.integer();
  }
}
