import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { poissonSurprise } from '../tails/poisson-surprise.ts';
import {
  type LogAnomaly,
  type LogDetector,
  type LogWindow,
  type TemplateCount,
  warmUpWindows,
} from './log-detector.ts';
import { TemplateStates } from './template-states.ts';

/**
 * A single new template reaches it after some thousand windows without one; there is one score per
 * service and window, far fewer than where each template has one.
 */
const defaultThreshold = 3;

/** What a service has said so far. */
interface Speech {
  windows: number;
  lines: number;
}

/**
 * Alarms on templates that a service never wrote before, in the light of how often it says
 * something new anyway: a line is new with the chance N1 / N (Good and Turing: templates seen once
 * over lines seen), so a service of few words is heard, and one that always finds new ones is not.
 * No opinion on a service in its first 40 windows. O(lines' templates) per window.
 */
export class NewTemplateDetector implements LogDetector {
  readonly name = 'new_template';
  readonly threshold: number;
  readonly #services = new Map<string, Speech>();
  /** Lines of each template, by service. */
  readonly #seen = new TemplateStates<number>();

  constructor({ threshold = defaultThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: LogWindow): readonly LogAnomaly[] {
    const known = this.#knownNow(window);
    const byService = Map.groupBy(window.counts, ({ service }) => service);
    return [...byService].flatMap(([service, counts]) => {
      const speech = this.#services.get(service);
      if (speech === undefined || speech.windows < warmUpWindows) return [];
      const fresh = counts.filter(({ template }) => !known(service, template));
      if (fresh.length === 0) return [];
      const expected = this.#newChance(service, speech) * linesOf(counts);
      const score = fresh.length > expected ? poissonSurprise(fresh.length, expected) : 0;
      if (score < this.threshold) return [];
      return fresh.map(({ template, count }) => ({ service, template, score, count, expected }));
    });
  }

  learn(window: LogWindow): void {
    this.#seen.follow(window, (one, other) => one + other);
    for (const service of new Set(window.counts.map((one) => one.service))) {
      if (!this.#services.has(service)) this.#services.set(service, { windows: 0, lines: 0 });
    }
    for (const speech of this.#services.values()) speech.windows += 1;
    for (const { service, template, count } of window.counts) {
      (this.#services.get(service) as Speech).lines += count;
      this.#seen.set(service, template, (this.#seen.get(service, template) ?? 0) + count);
    }
  }

  writeState(writer: StateWriter): void {
    writer.plain([...this.#services]);
    this.#seen.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#services.clear();
    for (const [service, speech] of reader.plain<[string, Speech][]>()) {
      this.#services.set(service, speech);
    }
    this.#seen.readState(reader);
  }

  /** Whether a template, or one that has become part of it since, is known of a service. */
  #knownNow({ current }: LogWindow): (service: string, template: number) => boolean {
    return (service, template) => {
      const seen = this.#seen.of(service);
      if (seen.has(template)) return true;
      for (const id of seen.keys()) if (current(id) === template) return true;
      return false;
    };
  }

  #newChance(service: string, { lines }: Speech): number {
    let once = 0;
    for (const count of this.#seen.of(service).values()) if (count === 1) once += 1;
    return (once + 1) / (lines + 1);
  }
}

function linesOf(counts: readonly TemplateCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
