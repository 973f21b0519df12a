import { UsageError } from '../core/tools/index.ts';
import { seedMax } from './options.ts';

/** The seeds that `--seeds` and `--first-seed` ask for. */
export function seedRange({
  seeds,
  firstSeed,
}: {
  readonly seeds: number;
  readonly firstSeed: number;
}): readonly number[] {
  if (firstSeed + seeds - 1 > seedMax) {
    throw new UsageError(`seeds end at ${seedMax}`, 'lower --first-seed or --seeds');
  }
  return Array.from({ length: seeds }, (_, i) => firstSeed + i);
}

/** Fewer seeds than this are too few draws of the world, however long each run is. */
const seedsMin = 20;
const hourMs = 3_600_000;

/** How many seeds give so many hours of runs of these lengths; at least 20. */
export function seedsForHours(hours: number, durationsMs: readonly number[]): number {
  const hoursPerSeed = durationsMs.reduce((sum, durationMs) => sum + durationMs / hourMs, 0);
  return Math.max(seedsMin, Math.ceil(hours / hoursPerSeed));
}

/** `1001-1020`, or all of them where they are no range. */
export function seedText(seeds: readonly number[]): string {
  const [first, last] = [seeds[0] as number, seeds.at(-1) as number];
  const isRange = seeds.length > 1 && seeds.every((seed, i) => seed === first + i);
  return isRange ? `${first}-${last}` : seeds.join(',');
}

/** The seeds as a part of a file name, which must not grow with their number. */
export function seedName(seeds: readonly number[]): string {
  const text = seedText(seeds).replaceAll(',', '_');
  return text.length <= 40 ? text : `${seeds[0]}x${seeds.length}`;
}
