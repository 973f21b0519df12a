import { describe, expect, it } from 'vitest';
import { detect, noisy, outage, scrapes, startMs, stepMs } from './detect-input.ts';

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
