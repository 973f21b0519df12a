import { hashText } from '../../core/tools/index.ts';
import type { CountingNoise, NoiseBank } from './noise.ts';
import { memoryNoise, memoryStepBytes } from './noise.ts';

const pageBytes = 4096;

/** How a runtime's memory moves; services differ in it as languages do. */
export interface Habit {
  /** Scrapes for which it stays where it is. */
  readonly hold: number;
  /** It also moves by a page or so from scrape to scrape. */
  readonly jitters: boolean;
  /** It gives back as well as takes; otherwise it rests and rises for a while. */
  readonly isSymmetric: boolean;
}

/** Measures working sets: at rest, give or take a page, or some allocator steps off. */
export class WorkingSets {
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;
  readonly #habits = new Map<string, Habit>();

  constructor(noise: NoiseBank, counting: CountingNoise) {
    this.#noise = noise;
    this.#counting = counting;
  }

  /** The habit of a component: a service. */
  habitOf(component: string): Habit {
    return this.#habits.get(component) ?? this.#learn(component);
  }

  /** What is measured of `bytes` in a column of a component. */
  measured(
    bytes: number,
    { component, habit }: { readonly component: string; readonly habit: Habit },
    column: { readonly channel: number; readonly entity: number; readonly scrape: number },
  ): number {
    const { channel, entity, scrape } = column;
    const { hold, jitters, isSymmetric } = habit;
    const size = this.#noise.sizeOf(channel, component, memoryNoise);
    const noise = this.#noise.at(channel, entity, Math.floor(scrape / hold));
    const steps = Math.round(size * (isSymmetric ? noise : Math.max(0, noise)));
    const pages = jitters ? Math.floor(3 * this.#counting.bucketPlace(entity, scrape)) - 1 : 0;
    const atRest = Math.round(bytes / memoryStepBytes) * memoryStepBytes;
    return atRest + steps * memoryStepBytes + pages * pageBytes;
  }

  #learn(component: string): Habit {
    const hash = hashText(`memory ${component}`);
    const habit: Habit = {
      hold: hash % 3 === 0 ? 2 : 1,
      jitters: (hash >>> 4) % 4 !== 0,
      isSymmetric: (hash >>> 8) % 2 === 0,
    };
    this.#habits.set(component, habit);
    return habit;
  }
}
