import { InputError } from '../../core/tools/index.ts';
import { type ValueKind, valueTags } from './state-values.ts';

const kinds = new Map<number, string>(Object.entries(valueTags).map(([kind, tag]) => [tag, kind]));

type ArrayType<Result> = {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): Result;
};

/** Reads what a StateWriter wrote, in the same order; anything else is an InputError. */
export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  number(): number {
    const at = this.#open('number', 8);
    return this.#view.getFloat64(at, true);
  }

  integer(): number {
    const at = this.#open('integer', 4);
    return this.#view.getUint32(at, true);
  }

  text(): string {
    const length = this.#openBlock('text', 1);
    return new TextDecoder().decode(this.#take(length));
  }

  texts(): string[] {
    return this.#list(() => this.text());
  }

  float64s(): Float64Array<ArrayBuffer> {
    return this.#array(Float64Array);
  }

  float32s(): Float32Array<ArrayBuffer> {
    return this.#array(Float32Array);
  }

  int32s(): Int32Array<ArrayBuffer> {
    return this.#array(Int32Array);
  }

  uint32s(): Uint32Array<ArrayBuffer> {
    return this.#array(Uint32Array);
  }

  int16s(): Int16Array<ArrayBuffer> {
    return this.#array(Int16Array);
  }

  uint16s(): Uint16Array<ArrayBuffer> {
    return this.#array(Uint16Array);
  }

  int8s(): Int8Array<ArrayBuffer> {
    return this.#array(Int8Array);
  }

  uint8s(): Uint8Array<ArrayBuffer> {
    return this.#array(Uint8Array);
  }

  /** A list written by `arrays`; `read` reads one of them. */
  arrays<Result>(read: (reader: StateReader) => Result): Result[] {
    return this.#list(() => read(this));
  }

  /** Plain data as it was given to `plain`, which its caller knows the shape of. */
  plain<Shape>(): Shape {
    return JSON.parse(this.text()) as Shape;
  }

  /** Whether the next value is this text; reads nothing. */
  startsWithText(expected: string): boolean {
    const from = this.#at;
    const bytes = new TextEncoder().encode(expected);
    if (this.#bytes.length < from + 5 + bytes.length) return false;
    if (this.#bytes[from] !== valueTags.text) return false;
    if (this.#view.getUint32(from + 1, true) !== bytes.length) return false;
    return bytes.every((byte, i) => byte === this.#bytes[from + 5 + i]);
  }

  /** Nothing may be left. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new InputError(`the checkpoint holds ${left} bytes more than expected`);
  }

  #list<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    const length = this.integer();
    for (let i = 0; i < length; i += 1) items.push(read());
    return items;
  }

  #array<Result>(type: ArrayType<Result>): Result {
    const length = this.#openBlock(type.name as ValueKind, type.BYTES_PER_ELEMENT);
    // Not `slice`: a Buffer's shares its memory.
    return new type(Uint8Array.from(this.#take(length * type.BYTES_PER_ELEMENT)).buffer);
  }

  /** The number of elements of a block, of which as many must be there. */
  #openBlock(kind: ValueKind, elementBytes: number): number {
    const length = this.#view.getUint32(this.#open(kind, 4), true);
    this.#need(kind, length * elementBytes);
    return length;
  }

  /** Passes a value's tag and its fixed part; where the fixed part begins. */
  #open(kind: ValueKind, bytes: number): number {
    this.#need(kind, 1 + bytes);
    const tag = this.#bytes[this.#at] as number;
    if (tag !== valueTags[kind]) {
      const found = kinds.get(tag) ?? `a value of unknown kind ${tag}`;
      throw new InputError(`checkpoint at byte ${this.#at}: expected ${kind}, got ${found}`);
    }
    this.#at += 1 + bytes;
    return this.#at - bytes;
  }

  #need(kind: ValueKind, bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    throw new InputError(`checkpoint at byte ${this.#at}: expected ${kind}, got its end`);
  }

  #take(length: number): Uint8Array {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
