import { canonicalJson, InputError, sha256 } from '../../core/tools/index.ts';
import { StateReader } from './state-reader.ts';
import { StateWriter } from './state-writer.ts';

/** Something whose state can be written and read back field by field, in one order. */
export interface StatePart {
  writeState(writer: StateWriter): void;
  /** Reads in the order of `writeState`; a part that failed half way must be thrown away. */
  readState(reader: StateReader): void;
}

/** Whose state a checkpoint holds: what must agree before any of it is read. */
export interface StateId {
  /** The detector's name, or what else the state is of. */
  readonly kind: string;
  /** Raised whenever the fields of this kind change. */
  readonly version: number;
  /** Options that shape the state, such as window lengths. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

const magic = 'firedrill checkpoint';
/** Raised whenever this frame around the state changes. */
const formatVersion = 1;
const digestBytes = 32;
const startAgain = 'start without it, and save a new one';

/** A checkpoint: header, state and SHA-256; equal states give equal bytes. */
export function saveState(id: StateId, part: StatePart): Uint8Array {
  const writer = new StateWriter();
  writer.text(magic);
  writer.integer(formatVersion);
  writer.text(id.kind);
  writer.integer(id.version);
  writer.text(canonicalJson(id.settings ?? {}));
  part.writeState(writer);
  const state = writer.bytes();
  const whole = new Uint8Array(state.length + digestBytes);
  whole.set(state);
  whole.set(digest(state), state.length);
  return whole;
}

/** Reads what {@link saveState} wrote; an InputError when it is damaged or of something else. */
export function restoreState(id: StateId, bytes: Uint8Array, part: StatePart): void {
  const state = bytes.subarray(0, Math.max(0, bytes.length - digestBytes));
  const reader = new StateReader(state);
  if (!reader.startsWithText(magic)) {
    throw new InputError('expected a checkpoint, got other bytes', { hint: startAgain });
  }
  reader.text();
  compare('checkpoint format', formatVersion, reader.integer());
  const found = digest(state);
  if (bytes.subarray(state.length).some((byte, i) => byte !== found[i])) {
    throw new InputError(`the checkpoint is damaged: its ${bytes.length} bytes do not add up`, {
      hint: startAgain,
    });
  }
  compare('checkpoint', `of ${id.kind}`, `of ${reader.text()}`);
  compare(`checkpoint of ${id.kind}: version`, id.version, reader.integer());
  compare(`checkpoint of ${id.kind}: settings`, canonicalJson(id.settings ?? {}), reader.text());
  part.readState(reader);
  reader.end();
}

function compare(what: string, expected: string | number, actual: string | number): void {
  if (expected === actual) return;
  throw new InputError(`${what}: expected ${expected}, got ${actual}`, { hint: startAgain });
}

function digest(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(sha256(bytes).match(/../g) as string[], (pair) => Number(`0x${pair}`));
}
