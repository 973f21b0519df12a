import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { LogWindow } from './log-detector.ts';

/** What a detector keeps per service and template. Bounded by the templates of the miner. */
export class TemplateStates<T> {
  readonly #states = new Map<string, Map<number, T>>();

  get(service: string, template: number): T | undefined {
    return this.#states.get(service)?.get(template);
  }

  set(service: string, template: number, state: T): void {
    const own = this.#states.get(service);
    if (own) own.set(template, state);
    else this.#states.set(service, new Map([[template, state]]));
  }

  /** The states of a service, by template. */
  of(service: string): ReadonlyMap<number, T> {
    return this.#states.get(service) ?? new Map<number, T>();
  }

  /** All states, services and templates in the order in which they came. */
  *entries(): Generator<readonly [service: string, template: number, state: T]> {
    for (const [service, own] of this.#states) {
      for (const [template, state] of own) yield [service, template, state];
    }
  }

  delete(service: string, template: number): void {
    this.#states.get(service)?.delete(template);
  }

  /** Writes all states, which must be plain data. */
  writeState(writer: StateWriter): void {
    writer.plain([...this.#states].map(([service, own]) => [service, [...own]]));
  }

  readState(reader: StateReader): void {
    this.#states.clear();
    for (const [service, own] of reader.plain<[string, [number, T][]][]>()) {
      this.#states.set(service, new Map(own));
    }
  }

  /**
   * Follows the miner: drops forgotten templates, and makes one of those that turned out the same.
   */
  follow({ current }: LogWindow, unite: (one: T, other: T) => T): void {
    for (const [service, template, state] of [...this.entries()]) {
      const now = current(template);
      if (now === template) continue;
      this.delete(service, template);
      if (now === undefined) continue;
      const other = this.get(service, now);
      this.set(service, now, other === undefined ? state : unite(other, state));
    }
  }
}
