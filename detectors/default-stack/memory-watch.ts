import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ExhaustionForecast } from '../forecasts/exhaustion-forecast.ts';
import { grown } from '../score-buffers.ts';

/** Below this utilisation nobody needs a warning yet. */
const utilizationFrom = 0.6;
/** A climb younger than this many scrapes is no evidence. */
const youngestScrapes = 12;
/** The forecast's constants are of scrapes every 15 s, so that is how long one lasts to it. */
const scrapesPerMinute = 4;

/**
 * Foresees full memory for the columns that hold memory, which are few: only those take state.
 * Evidence needs less than a warning does, since it is told only beside what users feel.
 */
export class MemoryWatch implements StatePart {
  readonly #forecast = new ExhaustionForecast();
  /** One more than a column's place in the forecast; 0 for those that hold no memory. */
  #places = new Float64Array(0);
  #count = 0;
  #scrape = 0;

  /**
   * Scrapes until the column is full, at the latest likely; Infinity while it does not climb, or
   * will not be full within so many scrapes.
   */
  scrapesLeft(column: number, values: Float64Array, within: number): number {
    const place = this.#places[column] ?? 0;
    if (place === 0 || !(values[column]! >= utilizationFrom)) return Number.POSITIVE_INFINITY;
    const { highMinutes, ageMinutes } = this.#forecast.forecast(
      place - 1,
      within / scrapesPerMinute,
    );
    const isOld = scrapesPerMinute * ageMinutes >= youngestScrapes;
    return isOld ? scrapesPerMinute * highMinutes : Number.POSITIVE_INFINITY;
  }

  /** Where the climb began: what the column would hold without it. */
  start(column: number): number {
    return this.#forecast.forecast(this.#places[column]! - 1).from;
  }

  /** Takes in a scrape's values of the columns that hold memory; lost ones are NaN. */
  learn(values: Float64Array, columns: readonly number[]): void {
    const atMs = (this.#scrape * 60_000) / scrapesPerMinute;
    for (const column of columns) {
      if (Number.isNaN(values[column]!)) continue;
      if (column >= this.#places.length) this.#places = grown(this.#places, column + 1);
      if (this.#places[column] === 0) {
        this.#count += 1;
        this.#places[column] = this.#count;
        this.#forecast.grow(this.#count);
      }
      this.#forecast.learn(this.#places[column]! - 1, atMs, values[column]!);
    }
    this.#scrape += 1;
  }

  writeState(writer: StateWriter): void {
    this.#forecast.writeState(writer);
    writer.array(this.#places);
    writer.integer(this.#count);
    writer.integer(this.#scrape);
  }

  readState(reader: StateReader): void {
    this.#forecast.readState(reader);
    this.#places = reader.float64s();
    this.#count = reader.integer();
    this.#scrape = reader.integer();
  }
}
