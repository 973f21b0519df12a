import { Buffer } from 'node:buffer';
import { uniformAt } from '../../core/tools/index.ts';

const chunkLength = 256;
const idLength = 16;
const words = 4294967296;

/** Hex span ids (16 digits), addressed by (key, scrape, ordinal), made a chunk at a time. */
export class SpanIdentifiers {
  readonly #key: number;
  readonly #scrape: number;
  #made = 0;
  #chunk = '';

  constructor(key: number, scrape: number) {
    this.#key = key;
    this.#scrape = scrape;
  }

  next(): string {
    const position = this.#made % chunkLength;
    if (position === 0) this.#chunk = this.#makeChunk();
    this.#made += 1;
    return this.#chunk.slice(position * idLength, (position + 1) * idLength);
  }

  #makeChunk(): string {
    for (let i = 0; i < 2 * chunkLength; i += 1) {
      writeWord(i, uniformAt(this.#key, this.#scrape, 2 * this.#made + i));
    }
    return scratch.toString('hex');
  }
}

/** Written to and read at once; filling it anew costs less than another buffer. */
const scratch = Buffer.alloc((chunkLength * idLength) / 2);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

/** Writes a uniform number's 32 bits as word number `i`. */
function writeWord(i: number, uniform: number): void {
  scratchView.setUint32(4 * i, uniform * words);
}

/** A hex trace id (32 digits), addressed by (key, request, attempt). */
export function traceIdAt(key: number, request: number, attempt: number): string {
  for (let i = 0; i < 4; i += 1) writeWord(i, uniformAt(key, request, 4 * attempt + i));
  return scratch.toString('hex', 0, 16);
}
