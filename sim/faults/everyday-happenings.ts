import { createDrawKey, uniformAt } from '../../core/tools/index.ts';
import type { Fault, TwinSpec } from '../../core/truth/index.ts';
import type { Happening } from './everyday-kind.ts';
import { kindAt } from './everyday-kinds.ts';
import { type EverydayPlaces, everydayPlaces } from './everyday-places.ts';

/** Pods are still starting before that. */
const quietStartMs = 300_000;
const hourMs = 3_600_000;

/**
 * What happens in any cluster on any day and is nobody's incident, as a Poisson process. Draws are
 * addressed by (seed, ordinal), so that nothing a healer does moves them; a fork goes on alike.
 */
export class EverydayHappenings {
  readonly #places: EverydayPlaces;
  readonly #perHour: number;
  readonly #key: number;
  #ordinal: number;
  #nextMs: number;

  constructor(
    options:
      | { readonly spec: TwinSpec; readonly seed: number; readonly startMs: number }
      | { readonly source: EverydayHappenings },
  ) {
    if ('source' in options) {
      const { source } = options;
      this.#places = source.#places;
      this.#perHour = source.#perHour;
      this.#key = source.#key;
      this.#ordinal = source.#ordinal;
      this.#nextMs = source.#nextMs;
      return;
    }
    const { spec, seed, startMs } = options;
    this.#places = everydayPlaces(spec);
    this.#perHour = spec.workload.happeningsPerHour;
    this.#key = createDrawKey(seed, 'everyday');
    this.#ordinal = 0;
    this.#nextMs = this.#after(startMs + quietStartMs);
  }

  fork(): EverydayHappenings {
    return new EverydayHappenings({ source: this });
  }

  /** What begins by `nowMs`, oldest first; benign, hence without a class. */
  due(nowMs: number): readonly Fault[] {
    const due: Fault[] = [];
    while (this.#nextMs <= nowMs) {
      for (const happening of this.#draw()) {
        due.push({ ...happening, startMs: this.#nextMs, faultClass: null });
      }
      this.#ordinal += 1;
      this.#nextMs = this.#after(this.#nextMs);
    }
    return due;
  }

  /** Exponential gaps; never, where nothing is to happen. */
  #after(fromMs: number): number {
    if (this.#perHour === 0) return Number.POSITIVE_INFINITY;
    const share = uniformAt(this.#key, this.#ordinal, 0);
    return fromMs + Math.round((-Math.log(1 - share) * hourMs) / this.#perHour);
  }

  #draw(): readonly Happening[] {
    const share = (field: number): number => uniformAt(this.#key, this.#ordinal, field);
    const drawn = kindAt(share(1))(this.#places, {
      place: share(2),
      size: share(3),
      spread: share(4),
      length: share(5),
      ordinal: this.#ordinal,
      further: (i) => share(6 + i),
    });
    if (drawn === null) return [];
    return 'kind' in drawn ? [drawn] : drawn;
  }
}
