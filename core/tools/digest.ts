import { createHash } from 'node:crypto';

/**
 * JSON with one spelling per value: sorted keys, -0 as 0, and the numbers JSON cannot say
 * (NaN, infinities) as tagged strings; typed arrays are written like arrays.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return canonicalNumber(value);
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (ArrayBuffer.isView(value))
    return `[${Array.from(value as Float64Array, canonicalNumber).join(',')}]`;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value as Record<string, unknown>)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

function canonicalNumber(value: number): string {
  return Number.isFinite(value) ? String(value === 0 ? 0 : value) : `"${value}"`;
}

/** SHA-256 in hex of text. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 in hex of a value's canonical JSON. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** Written to and read at once. */
let scratch = new DataView(new ArrayBuffer(1024));

/**
 * A digest of numbers that arrive over time; NaN and -0 have one bit pattern, bytes are
 * little-endian.
 */
export class RunningDigest {
  #hash = createHash('sha256');

  addText(text: string): void {
    this.#hash.update(text);
    this.#hash.update('\n');
  }

  addValues(values: Float64Array): void {
    if (scratch.byteLength < values.length * 8)
      scratch = new DataView(new ArrayBuffer(values.length * 16));
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] as number;
      scratch.setFloat64(i * 8, value === 0 ? 0 : value, true);
      if (Number.isNaN(value)) scratch.setBigUint64(i * 8, 0x7ff8000000000000n, true);
    }
    this.#hash.update(new Uint8Array(scratch.buffer, 0, values.length * 8));
  }

  /** An independent digest of the same numbers so far. */
  copy(): RunningDigest {
    const twin = new RunningDigest();
    twin.#hash = this.#hash.copy();
    return twin;
  }

  /** The digest so far; more may be added afterwards. */
  hex(): string {
    return this.#hash.copy().digest('hex');
  }
}
