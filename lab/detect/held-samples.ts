import type { OwnColumns } from './own-columns.ts';
import type { RawSeries } from './read-own-series.ts';

/** Samples of a frame that may still get others, by the number of their raw series. */
export interface HeldSamples {
  readonly raws: Int32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** The samples that `isHeld` takes, in order of series and time; of two at one time, the last. */
export function holdSamples(
  series: readonly RawSeries[],
  numbers: readonly number[],
  isHeld: (atMs: number) => boolean,
): HeldSamples {
  const held = new Map<string, readonly [raw: number, atMs: number, value: number]>();
  for (const [i, { timesMs, values }] of series.entries()) {
    const raw = numbers[i] as number;
    for (const [at, atMs] of timesMs.entries()) {
      if (isHeld(atMs)) held.set(`${raw} ${atMs}`, [raw, atMs, values[at] as number]);
    }
  }
  const rows = [...held.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return {
    raws: Int32Array.from(rows, ([raw]) => raw),
    timesMs: Float64Array.from(rows, ([, atMs]) => atMs),
    values: Float64Array.from(rows, ([, , value]) => value),
  };
}

/** Held samples as series of a file once more. */
export function seriesOfHeld(held: HeldSamples, columns: OwnColumns): RawSeries[] {
  return Array.from(held.raws, (raw, i) => ({
    ...(columns.raws[raw] as OwnColumns['raws'][number]),
    timesMs: [held.timesMs[i] as number],
    values: [held.values[i] as number],
  }));
}
