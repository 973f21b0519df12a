import type { StatePart } from './checkpoint/checkpoint.ts';
import type { StateReader } from './checkpoint/state-reader.ts';
import type { StateWriter } from './checkpoint/state-writer.ts';

/** Requests that ended at an instant, and how many of them failed. */
export interface Counted {
  readonly atMs: number;
  readonly errors: number;
  readonly requests: number;
}

/** The running totals of one row, at the end of every step of time. */
interface Totals {
  readonly errors: Float64Array;
  readonly requests: Float64Array;
  /** The first step with data; NaN before there was any. */
  firstStep: number;
  /** The last step with data; NaN before there was any. */
  lastStep: number;
}

/**
 * Failed shares over sliding windows of any length up to the longest, for many rows. Time moves on
 * by steps, to which windows are exact. Rings of running totals: O(1) per window, 16 bytes per step
 * and row.
 */
export class RatioWindows implements StatePart {
  readonly #stepMs: number;
  readonly #steps: number;
  #rows: Totals[] = [];

  constructor({ stepMs, longestMs }: { readonly stepMs: number; readonly longestMs: number }) {
    this.#stepMs = stepMs;
    this.#steps = Math.ceil(longestMs / stepMs) + 1;
  }

  grow(rows: number): void {
    while (this.#rows.length < rows) {
      this.#rows.push({
        errors: new Float64Array(this.#steps),
        requests: new Float64Array(this.#steps),
        firstStep: Number.NaN,
        lastStep: Number.NaN,
      });
    }
  }

  add(row: number, { atMs, errors, requests }: Counted): void {
    const totals = this.#rows[row]!;
    const step = Math.ceil(atMs / this.#stepMs);
    if (Number.isNaN(totals.firstStep)) {
      totals.firstStep = step;
      totals.lastStep = step;
    }
    const last = this.#slot(totals.lastStep);
    const [allErrors, allRequests] = [totals.errors[last]!, totals.requests[last]!];
    // After a gap longer than the ring, every slot is passed once.
    const from = Math.max(totals.lastStep + 1, step - this.#steps + 1);
    for (let passed = from; passed <= step; passed += 1) {
      totals.errors[this.#slot(passed)] = allErrors;
      totals.requests[this.#slot(passed)] = allRequests;
    }
    totals.lastStep = step;
    totals.errors[this.#slot(step)] = allErrors + errors;
    totals.requests[this.#slot(step)] = allRequests + requests;
  }

  /**
   * The failed share over a window that ends with what comes next, which is counted in and not
   * kept. Where the window reaches back before the first data, as many good requests are assumed
   * there as came later.
   */
  ratio(row: number, windowMs: number, next: Counted): number {
    const totals = this.#rows[row]!;
    const step = Math.ceil(next.atMs / this.#stepMs);
    const steps = Math.round(windowMs / this.#stepMs);
    const firstStep = Number.isNaN(totals.firstStep) ? step : totals.firstStep;
    const before = step - steps;
    let { errors, requests } = next;
    if (!Number.isNaN(totals.lastStep) && before < totals.lastStep) {
      const last = this.#slot(totals.lastStep);
      const isInside = before >= firstStep;
      const start = this.#slot(before);
      errors += totals.errors[last]! - (isInside ? totals.errors[start]! : 0);
      requests += totals.requests[last]! - (isInside ? totals.requests[start]! : 0);
    }
    const covered = Math.min(steps, step - firstStep + 1);
    return requests > 0 ? errors / (requests * (steps / covered)) : 0;
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#rows.length);
    for (const { errors, requests, firstStep, lastStep } of this.#rows) {
      writer.array(errors);
      writer.array(requests);
      writer.number(firstStep);
      writer.number(lastStep);
    }
  }

  readState(reader: StateReader): void {
    this.#rows = Array.from({ length: reader.integer() }, () => ({
      errors: reader.float64s(),
      requests: reader.float64s(),
      firstStep: reader.number(),
      lastStep: reader.number(),
    }));
  }

  /** The ring's slot of a step; steps of negative times count, too. */
  #slot(step: number): number {
    const rest = step % this.#steps;
    return rest < 0 ? rest + this.#steps : rest;
  }
}
