import { describe, expect, it } from 'vitest';
import { columns, detect, iso, scrapes, startMs, stepMs, wide } from './detect-input.ts';

function long(labels: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(labels);
  const rows = Object.entries(columns).flatMap(([name, values]) =>
    values.map((value, scrape) =>
      [iso(scrape), name, ...names.map((label) => labels[label]), value].join(','),
    ),
  );
  return [`timestamp,metric,${names.join(',')},value`.replace(',,', ','), ...rows];
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
