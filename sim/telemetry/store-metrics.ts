import type { TwinSpec } from '../../core/truth/index.ts';
import { cacheDetours } from '../impairments/cache-detours.ts';
import type { CountingNoise } from './noise.ts';
import type { Scrape } from './scrape.ts';
import type { SeriesColumns } from './series-columns.ts';
import { cachesOf } from './store-services.ts';

/** Calls that are made when a cache misses, by their numbers and shares. */
interface Detour {
  readonly link: number;
  readonly count: number;
}

/** Writes what caches tell of their hits, and consumers of what they have not read yet. */
export class StoreMetrics {
  readonly #columns: SeriesColumns;
  readonly #counting: CountingNoise;
  readonly #detours: ReadonlyMap<string, readonly Detour[]>;

  constructor(spec: TwinSpec, columns: SeriesColumns, counting: CountingNoise) {
    this.#columns = columns;
    this.#counting = counting;
    this.#detours = new Map(cachesOf(spec).map((name) => [name, detoursOf(spec, name)]));
  }

  write(scrape: Scrape): void {
    const { window, values, number, seconds, visibleShares, reach } = scrape;
    for (const { service, requestsPerSec } of window.services) {
      const visible = visibleShares.get(service);
      if (visible === undefined) continue;
      const cache = this.#columns.caches.get(service);
      const asked = Math.round(requestsPerSec * visible * seconds);
      if (cache && asked > 0 && reach.hasTarget(cache.entity)) {
        const misses = this.#counting.failures(
          asked,
          this.#missRatio(scrape, service),
          cache.entity,
          number,
        );
        values[cache.first] = 1 - misses / asked;
      }
      const consumer = this.#columns.consumers.get(service);
      if (consumer && reach.hasTarget(consumer.entity)) {
        // In good health, what came in the last half second or so.
        const usual = this.#counting.requests(0.5 * requestsPerSec, consumer.entity, number);
        values[consumer.first] = usual + Math.round(window.impairs?.lag(service) ?? 0);
      }
    }
  }

  #missRatio({ window }: Scrape, cache: string): number {
    const detours = this.#detours.get(cache) ?? [];
    const sum = detours.reduce(
      (total, { link, count }) => total + (window.impairs?.policy(link).count ?? count),
      0,
    );
    return detours.length > 0 ? Math.min(1, sum / detours.length) : 0;
  }
}

function detoursOf(spec: TwinSpec, cache: string): Detour[] {
  const wanted = cacheDetours(spec, cache);
  const found: Detour[] = [];
  let link = 0;
  for (const { name, operations } of spec.services) {
    for (const { calls } of operations) {
      for (const { service, operation, count } of calls) {
        const isWanted = wanted.some(
          (scope) =>
            scope.kind === 'calls' &&
            scope.from === name &&
            scope.to === service &&
            scope.operation === operation,
        );
        if (isWanted) found.push({ link, count });
        link += 1;
      }
    }
  }
  return found;
}
