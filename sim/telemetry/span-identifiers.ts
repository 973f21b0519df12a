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
    const bytes = Buffer.alloc((chunkLength * idLength) / 2);
    for (let i = 0; i < 2 * chunkLength; i += 1) {
      const word = uniformAt(this.#key, this.#scrape, 2 * this.#made + i) * words;
      bytes.writeUInt32BE(word, 4 * i);
    }
    return bytes.toString('hex');
  }
}

/** A hex trace id (32 digits), addressed by (key, request, attempt). */
export function traceIdAt(key: number, request: number, attempt: number): string {
  let id = '';
  for (let i = 0; i < 4; i += 1) {
    const word = uniformAt(key, request, 4 * attempt + i) * words;
    id += word.toString(16).padStart(8, '0');
  }
  return id;
}
