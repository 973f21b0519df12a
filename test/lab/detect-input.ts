/**
 * Five hours of three metrics as files, two of them broken from scrape 200 on, and their detection.
 */
import { createStream } from '../../core/tools/index.ts';
import { type Detection, detectSeries } from '../../lab/index.ts';

export const startMs: number = Date.UTC(2026, 2, 1);
export const stepMs = 60_000;
export const scrapes = 300;

/** A level with noise; `broken` says what is added at a scrape. */
export function noisy(
  name: string,
  level: number,
  broken: (scrape: number) => number = () => 0,
): number[] {
  const stream = createStream(3, name);
  return Array.from({ length: scrapes }, (_, scrape) => {
    const noise = stream.next() + stream.next() + stream.next() - 1.5;
    return level * (1 + 0.1 * noise) + broken(scrape);
  });
}

/** `size` over a quarter of an hour. */
export function outage(size: number): (scrape: number) => number {
  return (scrape) => (scrape >= 200 && scrape < 215 ? size : 0);
}

export const columns: Readonly<Record<string, readonly number[]>> = {
  requests: noisy('requests', 100),
  latency: noisy('latency', 20, outage(80)),
  queue: noisy('queue', 5, outage(60)),
};

export function iso(scrape: number): string {
  return new Date(startMs + scrape * stepMs).toISOString();
}

/** One column per metric. */
export function wide(
  series: Readonly<Record<string, readonly number[]>>,
  time: typeof iso = iso,
): string[] {
  const names = Object.keys(series);
  const rows = Array.from({ length: scrapes }, (_, scrape) =>
    [time(scrape), ...names.map((name) => series[name]?.[scrape])].join(','),
  );
  return [`timestamp,${names.join(',')}`, ...rows];
}

export function detect(
  lines: readonly string[],
  options: Partial<Omit<Parameters<typeof detectSeries>[1], 'state'>> & {
    format?: 'csv' | 'openmetrics';
    state?: Uint8Array | null;
  } = {},
): Promise<Detection> {
  const { format = 'csv', state = null, ...others } = options;
  return detectSeries(
    { format, file: 'series.csv', lines },
    {
      detector: 'default',
      group: 'series',
      state: state && { file: 'state.bin', bytes: state },
      isToSave: false,
      ...others,
    },
  );
}
