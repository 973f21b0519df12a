import { canonicalJson } from '../../core/tools/index.ts';
import { type NumberArray, valueTags } from './state-values.ts';

const encoder = new TextEncoder();

/** Writes state value by value; every value says what it is, so that a reader cannot slip. */
export class StateWriter {
  #store = new Uint8Array(1024);
  #view = new DataView(this.#store.buffer);
  #length = 0;

  /** Any double, NaN and infinities included. */
  number(value: number): void {
    this.#open(valueTags.number, 8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A whole number from 0 to 2^32 - 1. */
  integer(value: number): void {
    this.#open(valueTags.integer, 4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.#block(valueTags.text, bytes.length, bytes);
  }

  texts(values: readonly string[]): void {
    this.integer(values.length);
    for (const value of values) this.text(value);
  }

  /** A typed array with all it holds, room to grow included. */
  array(values: NumberArray): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const name = values.constructor.name as keyof typeof valueTags;
    this.#block(valueTags[name], values.length, bytes);
  }

  /** A list of typed arrays. */
  arrays(values: readonly NumberArray[]): void {
    this.integer(values.length);
    for (const value of values) this.array(value);
  }

  /** Small plain data: objects, lists, texts, flags and finite numbers; keys come back sorted. */
  plain(value: unknown): void {
    this.text(canonicalJson(value));
  }

  /** What was written so far; a copy. */
  bytes(): Uint8Array {
    return this.#store.slice(0, this.#length);
  }

  #block(tag: number, length: number, bytes: Uint8Array): void {
    this.#open(tag, 4 + bytes.length);
    this.#view.setUint32(this.#length, length, true);
    this.#store.set(bytes, this.#length + 4);
    this.#length += 4 + bytes.length;
  }

  #open(tag: number, bytes: number): void {
    const needed = this.#length + 1 + bytes;
    if (needed > this.#store.length) {
      const wider = new Uint8Array(Math.max(needed, 2 * this.#store.length));
      wider.set(this.#store.subarray(0, this.#length));
      this.#store = wider;
      this.#view = new DataView(wider.buffer);
    }
    this.#store[this.#length] = tag;
    this.#length += 1;
  }
}
