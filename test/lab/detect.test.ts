import { describe, expect, it } from 'vitest';
import { createStream } from '../../core/tools/index.ts';
import { type Detection, detectSeries } from '../../lab/index.ts';

const startMs = Date.UTC(2026, 2, 1);
const stepMs = 60_000;
const scrapes = 300;

/** A level with noise; `broken` says what is added at a scrape. */
function noisy(name: string, level: number, broken: (scrape: number) => number = () => 0) {
  const stream = createStream(3, name);
  return Array.from({ length: scrapes }, (_, scrape) => {
    const noise = stream.next() + stream.next() + stream.next() - 1.5;
    return level * (1 + 0.1 * noise) + broken(scrape);
  });
}

const outage = (size: number) => (scrape: number) => (scrape >= 200 && scrape < 215 ? size : 0);
const columns: Readonly<Record<string, readonly number[]>> = {
  requests: noisy('requests', 100),
  latency: noisy('latency', 20, outage(80)),
  queue: noisy('queue', 5, outage(60)),
};

const iso = (scrape: number): string => new Date(startMs + scrape * stepMs).toISOString();

function wide(series: Readonly<Record<string, readonly number[]>>, time = iso): string[] {
  const names = Object.keys(series);
  const rows = Array.from({ length: scrapes }, (_, scrape) =>
    [time(scrape), ...names.map((name) => series[name]?.[scrape])].join(','),
  );
  return [`timestamp,${names.join(',')}`, ...rows];
}

function long(labels: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(labels);
  const rows = Object.entries(columns).flatMap(([name, values]) =>
    values.map((value, scrape) =>
      [iso(scrape), name, ...names.map((label) => labels[label]), value].join(','),
    ),
  );
  return [`timestamp,metric,${names.join(',')},value`.replace(',,', ','), ...rows];
}

function detect(
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

const minuteOf = (unixMs: number): number => (unixMs - startMs) / stepMs;

describe('detect on a wide CSV', () => {
  it('finds what broke, in one incident, and nothing else', async () => {
    const { report, curves } = await detect(wide(columns));
    expect(report.incidents).toHaveLength(1);
    const [incident] = report.incidents;
    expect(minuteOf(incident?.openedAtMs as number)).toBe(200);
    expect(new Set(incident?.anomalies.map(({ signal }) => signal))).toEqual(
      new Set(['latency', 'queue']),
    );
    expect(incident?.closedAtMs).not.toBeNull();
    expect(report).toMatchObject({ frames: scrapes, intervalMs: stepMs, framesSkipped: 0 });
    expect(report.series.map(({ signal, points }) => [signal, points])).toEqual([
      ['requests', scrapes],
      ['latency', scrapes],
      ['queue', scrapes],
    ]);
    // Charts show the series with anomalies first.
    expect(curves.map(({ signal }) => signal)).toEqual(['latency', 'queue', 'requests']);
    const band = curves[0]?.high.map((high, i) => (high ?? 0) > (curves[0]?.low[i] ?? 0));
    expect(band?.filter(Boolean).length).toBeGreaterThan(250);
  });

  it.each([
    ['seconds', (scrape: number) => String((startMs + scrape * stepMs) / 1000)],
    ['milliseconds', (scrape: number) => String(startMs + scrape * stepMs)],
    ['microseconds', (scrape: number) => `${startMs + scrape * stepMs}000`],
    ['nanoseconds', (scrape: number) => `${startMs + scrape * stepMs}000000`],
    ['a zone', (scrape: number) => iso(scrape + 330).replace('Z', '+05:30')],
    ['no zone', (scrape: number) => iso(scrape).slice(0, 19).replace('T', ' ')],
    ['quotes', (scrape: number) => `"${iso(scrape)}"`],
  ])('takes instants as %s', async (_, time) => {
    const { report } = await detect(wide(columns, time));
    expect(report.fromMs).toBe(startMs);
    expect(report.incidents).toHaveLength(1);
  });

  it('takes gaps in a column and in time', async () => {
    const gapped = wide(columns).map((row, i) =>
      i > 0 && i % 5 === 0 ? row.replace(/,[^,]*$/, ',') : row,
    );
    gapped.splice(100, 20);
    const { report } = await detect(gapped);
    expect(report.frames).toBe(scrapes - 20);
    expect(report.series[2]?.points).toBe(gapped.length - 1 - 56);
    expect(report.incidents).toHaveLength(1);
  });

  it('places columns whose header has labels', async () => {
    const labelled = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [`${name}{app="shop"}`, values]),
    );
    const { report } = await detect(wide(labelled));
    expect(report.series[0]).toMatchObject({ signal: 'requests', component: 'service/shop' });
  });

  it.each([
    [
      'an earlier row',
      7,
      (row: string) => row.replace(/^[^,]*/, iso(0)),
      /series\.csv:8:1: expected rows in order of time/,
    ],
    [
      'a word',
      7,
      (row: string) => row.replace(/[^,]*$/, 'many'),
      /series\.csv:8:\d+: expected a number as value, got "many"/,
    ],
    [
      'a missing column',
      7,
      (row: string) => row.replace(/,[^,]*$/, ''),
      /series\.csv:8:1: expected 4 columns as in the first line, got 3/,
    ],
    [
      'a strange time',
      7,
      (row: string) => row.replace(/^[^,]*/, 'noon'),
      /series\.csv:8:1: expected a time/,
    ],
    [
      'no header',
      0,
      () => '2026-01-01,1,2,3',
      /series\.csv:1:12: expected the name of a column, got "1"/,
    ],
    ['a column twice', 0, () => 'timestamp,a,b,a', /series\.csv:1:15: expected every column once/],
    ['one column', 0, () => 'timestamp', /series\.csv:1:1: expected two columns or more/],
  ])('refuses %s with its place', async (_, line, change, message) => {
    const lines = wide(columns);
    lines[line] = change(lines[line] as string);
    await expect(detect(lines)).rejects.toThrow(message);
  });

  it.each([
    ['03/02/2026 00:07', '"03/02/2026 00:07"'],
    ['March 2 2026 0:07', '"March 2 2026 0:07"'],
    ['2026-03-01T24:00', '"2026-03-01T24:00"'],
    ['2026-02-30', '"2026-02-30"'],
    ['0x69a4b700', '"0x69a4b700"'],
    ['1e+300', 'not between 1970 and 2200'],
    ['8650000000000000', 'not between 1970 and 2200'],
    ['-60', 'not between 1970 and 2200'],
    ['2200-01-01T00:00:00Z', 'not between 1970 and 2200'],
    ['1969-12-31', 'not between 1970 and 2200'],
  ])('refuses the time %s with its place', async (time, message) => {
    const lines = wide(columns);
    lines[7] = (lines[7] as string).replace(/^[^,]*/, time);
    const found = detect(lines);
    await expect(found).rejects.toThrow(message);
    await expect(found).rejects.toThrow('series.csv:8:1: expected a time (RFC 3339 or seconds');
  });

  it('refuses a file without values', async () => {
    await expect(detect([])).rejects.toThrow('series.csv is empty');
    await expect(detect(['timestamp,a'])).rejects.toThrow('series.csv holds no values');
  });
});

describe('detect on a long CSV', () => {
  it('finds the same as in the wide form', async () => {
    const { report } = await detect(long({}));
    const { report: inWide } = await detect(wide(columns));
    expect(report.incidents).toEqual(inWide.incidents);
  });

  it('groups by labels: two places are two incidents', async () => {
    const one = long({ namespace: 'web', pod: 'shop-7d9f8c6b5-x2x4z' });
    const other = long({ namespace: 'web', pod: 'mail-0' });
    const { report } = await detect([...one, ...other.slice(1)]);
    expect(report.incidents.map(({ component }) => component)).toEqual([
      'service/shop',
      'service/mail',
    ]);
    expect(report.series[0]).toMatchObject({
      component: 'pod/web/shop-7d9f8c6b5-x2x4z',
      labels: { service: 'shop' },
    });
  });

  it('refuses rows of a series that go back in time', async () => {
    const lines = long({ app: 'shop' });
    [lines[5], lines[6]] = [lines[6] as string, lines[5] as string];
    await expect(detect(lines)).rejects.toThrow(/series\.csv:7:1: expected rows in order of time/);
  });
});

describe('detect on OpenMetrics text', () => {
  const at = (scrape: number): string => ((startMs + scrape * stepMs) / 1000).toFixed(3);
  const total = (perScrape: (scrape: number) => number): number[] => {
    let sum = 0;
    return Array.from({ length: scrapes }, (_, scrape) => {
      sum += perScrape(scrape);
      return sum;
    });
  };
  const sample = (id: string, values: readonly number[]): string[] =>
    values.map((value, scrape) => `${id} ${value} ${at(scrape)}`);

  it('makes rates of counters, through their resets', async () => {
    const values = total(() => 120).map((value, i) => (i < 150 ? value : value - 120 * 150));
    const { report, curves } = await detect(
      ['# TYPE jobs counter', ...sample('jobs_total{app="a"}', values), '# EOF'],
      { format: 'openmetrics' },
    );
    expect(report.series).toMatchObject([{ signal: 'jobs_total', component: 'service/a' }]);
    expect(new Set(curves[0]?.values)).toEqual(new Set([null, 2]));
    expect(report.incidents).toEqual([]);
  });

  it('makes quantiles of histograms', async () => {
    const bounds = ['0.1', '0.2', '0.4', '+Inf'];
    const text = bounds.flatMap((le, i) =>
      sample(
        `wait_seconds_bucket{job="web",le="${le}"}`,
        total(() => [50, 90, 100, 100][i] as number),
      ),
    );
    const { report, curves } = await detect(
      [
        '# TYPE wait_seconds histogram',
        ...text,
        ...sample(
          'wait_seconds_count{job="web"}',
          total(() => 100),
        ),
        ...sample(
          'wait_seconds_sum{job="web"}',
          total(() => 12),
        ),
      ],
      { format: 'openmetrics' },
    );
    expect(report.series.map(({ signal }) => signal)).toEqual([
      'wait_seconds_p50',
      'wait_seconds_p95',
      'wait_seconds_p99',
      'wait_seconds_count',
    ]);
    const last = Object.fromEntries(curves.map(({ signal, values }) => [signal, values.at(-1)]));
    expect(last.wait_seconds_p50).toBeCloseTo(0.1, 9);
    expect(last.wait_seconds_p95).toBeCloseTo(0.3, 9);
    expect(last.wait_seconds_p99).toBeCloseTo(0.38, 9);
    expect(last.wait_seconds_count).toBeCloseTo(100 / 60, 9);
  });

  it('gives every series without labels a place of its own', async () => {
    const { report } = await detect(
      [...sample('a', noisy('a', 1)), ...sample('b', noisy('b', 1))],
      {
        format: 'openmetrics',
      },
    );
    expect(report.series.map(({ component }) => component)).toEqual(['service/a', 'service/b']);
  });

  it('says where a time is that cannot be', async () => {
    const lines = ['a 1 1772323200', 'a{b="1e300"} 2 1e300 # {id="1e300"} 1'];
    await expect(detect(lines, { format: 'openmetrics' })).rejects.toThrow(
      'series.csv:2:16: expected a time',
    );
  });

  it('puts targets that are scraped at instants of their own on one grid', async () => {
    const shifted = (id: string, offset: number): string[] =>
      noisy(id, 1).map((value, i) => `${id} ${value} ${startMs / 1000 + i * 60 + offset}`);
    const { report } = await detect(
      [...shifted('a', 3), ...shifted('b', 17), ...shifted('c', 31)],
      {
        format: 'openmetrics',
      },
    );
    expect(report.intervalMs).toBe(stepMs);
    expect(report.frames).toBe(scrapes);
  });

  it('has the default stack on the signals of the catalogue', async () => {
    const labels = 'component="user/buy",journey="buy"';
    const failing = Array.from({ length: scrapes }, (_, i) => (outage(1)(i) > 0 ? 0.4 : 0.001));
    const { report } = await detect(
      [
        ...sample(`user_request_rate{${labels}}`, noisy('rate', 50)),
        ...sample(`user_error_ratio{${labels}}`, failing),
      ],
      { format: 'openmetrics' },
    );
    expect(report.incidents).toMatchObject([{ severity: 'critical' }]);
  });
});

describe('a detection that goes on', () => {
  const whole = wide(columns);
  const first = whole.slice(0, 206);
  // The second file overlaps with the first one, as hourly exports do.
  const second = [whole[0] as string, ...whole.slice(190)];

  it('finds in two parts what it finds in one', async () => {
    const undivided = await detect(whole, { isToSave: true });
    const one = await detect(first, { isToSave: true });
    expect(one.report.incidents).toMatchObject([{ id: 'inc-1', closedAtMs: null }]);
    const two = await detect(second, { state: one.state, isToSave: true });
    expect(two.report.framesSkipped).toBe(16);
    expect(two.report.incidents).toEqual(undivided.report.incidents);
    expect(Buffer.from(two.state ?? []).equals(Buffer.from(undivided.state ?? [1]))).toBe(true);
  });

  it('takes rates over the seam', async () => {
    const counter = (from: number, until: number): string[] =>
      Array.from({ length: until - from }, (_, i) => {
        const scrape = from + i;
        return `jobs_total ${120 * scrape} ${startMs / 1000 + 60 * scrape}`;
      });
    const format = 'openmetrics';
    const one = await detect(counter(0, 50), { format, isToSave: true });
    const two = await detect(counter(50, 60), { format, state: one.state });
    expect(two.curves[0]?.values).toEqual(Array.from({ length: 10 }, () => 2));
  });

  it('waits for what the next file has of the last interval', async () => {
    const format = 'openmetrics';
    const rows = Array.from({ length: scrapes }, (_, i) => {
      const at = startMs / 1000 + 60 * i;
      // One sample of one series is out of range, and comes after the other one's.
      const late = i === 250 ? 500 : columns.requests?.[i];
      return [`a ${columns.requests?.[i]} ${at + 10}`, `b ${late} ${at + 40}`];
    }).flat();
    const undivided = await detect(rows, { format, isToSave: true });
    expect(undivided.report.incidents.at(-1)?.openedAtMs).toBe(startMs + 251 * stepMs);
    const one = await detect(rows.slice(0, 501), { format, isToSave: true });
    expect(one.report).toMatchObject({ frames: 250, framesSkipped: 0 });
    for (const from of [501, 490]) {
      const two = await detect(rows.slice(from), { format, state: one.state, isToSave: true });
      expect(two.report.incidents.at(-1)).toEqual(undivided.report.incidents.at(-1));
      expect(two.report.frames).toBe(scrapes - 251);
      expect(Buffer.from(two.state ?? []).equals(Buffer.from(undivided.state ?? [1]))).toBe(true);
      const again = await detect(rows.slice(from), { format, state: two.state, isToSave: true });
      expect(again.state).toEqual(two.state);
    }
    // Without a state to wait in, the last interval counts as it is.
    expect((await detect(rows.slice(0, 501), { format })).report.frames).toBe(251);
  });

  it('goes on from a file of a single interval', async () => {
    const format = 'openmetrics';
    const sampleAt = (id: string, second: number) => `${id} 1 ${startMs / 1000 + second}`;
    const one = await detect([sampleAt('a', 3), sampleAt('b', 17), sampleAt('c', 31)], {
      format,
      isToSave: true,
    });
    expect(one.report.frames).toBe(0);
    const next = [sampleAt('a', 63), sampleAt('b', 77), sampleAt('c', 91)];
    expect((await detect(next, { format, state: one.state })).report.frames).toBe(2);
  });

  it('refuses the state of something else', async () => {
    const { state } = await detect(first, { isToSave: true });
    await expect(detect(second, { state, group: 'other' })).rejects.toThrow('settings: expected');
    await expect(detect(second, { state, detector: 'robust_z' })).rejects.toThrow('settings');
    await expect(detect(second, { state: Buffer.from('{}') })).rejects.toThrow(
      'state.bin: expected a checkpoint, got other bytes',
    );
    await expect(
      detect(first, { detector: 'ml_isolation_forest', isToSave: true }),
    ).rejects.toThrow('detector ml_isolation_forest cannot save its state');
  });

  it('has nothing to say of what it knows', async () => {
    const one = await detect(first, { isToSave: true });
    const again = await detect(first, { state: one.state, isToSave: true });
    expect(again.report).toMatchObject({ frames: 0, framesSkipped: 205, incidents: [] });
    expect(again.state).toEqual(one.state);
  });
});
