import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

interface Parts<State> {
  readonly create: () => State;
  readonly write: (writer: StateWriter, state: State) => void;
  /** Into a state that was just made. */
  readonly read: (reader: StateReader, state: State) => void;
}

/** What a log detector knows of each service, in the order in which they were first heard of. */
export class ServiceStates<State> implements StatePart {
  readonly #parts: Parts<State>;
  readonly #states = new Map<string, State>();

  constructor(parts: Parts<State>) {
    this.#parts = parts;
  }

  /** Undefined for a service that was never heard of. */
  get(service: string): State | undefined {
    return this.#states.get(service);
  }

  /** The state of a service, made when there is none. */
  of(service: string): State {
    const known = this.#states.get(service);
    if (known !== undefined) return known;
    const state = this.#parts.create();
    this.#states.set(service, state);
    return state;
  }

  [Symbol.iterator](): IterableIterator<[string, State]> {
    return this.#states.entries();
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#states.size);
    for (const [service, state] of this.#states) {
      writer.text(service);
      this.#parts.write(writer, state);
    }
  }

  readState(reader: StateReader): void {
    this.#states.clear();
    const count = reader.integer();
    for (let i = 0; i < count; i += 1) this.#parts.read(reader, this.of(reader.text()));
  }
}
