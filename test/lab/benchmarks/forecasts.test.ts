import { describe, expect, it } from 'vitest';
import type { Contestant } from '../../../lab/benchmarks/forecasts/contestants.ts';
import { contestants } from '../../../lab/benchmarks/forecasts/contestants.ts';
import { generateSeries } from '../../../lab/benchmarks/forecasts/generate-series.ts';
import { judge } from '../../../lab/benchmarks/forecasts/judge.ts';
import { toJudged } from '../../../lab/benchmarks/forecasts/judged-series.ts';
import {
  type ResourceSeries,
  visibleFrom,
} from '../../../lab/benchmarks/forecasts/resource-series.ts';
import { reportForecasts } from '../../../lab/benchmarks/forecasts/run-forecasts.ts';
import { drawEpisode, slowPaces } from '../../../lab/benchmarks/forecasts/twin-episodes.ts';
import { renderForecastTable } from '../../../lab/index.ts';
import { WarmWorlds } from '../../../lab/warm-worlds.ts';
import { expectBenchmarkReport } from './benchmark-report.ts';

const perMinute = 4;

/** Sixty minutes that run out at their end, or do not. */
function series(fields: Partial<ResourceSeries> = {}): ResourceSeries {
  return {
    resource: 'disk',
    source: 'hand-made',
    intervalMs: 15_000,
    values: new Float64Array(60 * perMinute + 1),
    judgedFrom: 0,
    exhaustedAt: 60 * perMinute,
    visibleAt: 10 * perMinute,
    ...fields,
  };
}

/** Warns at these minutes, and says it will take 10 to 20 more. */
function warning(...minutes: readonly number[]): Contestant {
  return {
    name: 'hand-made',
    kind: 'ours',
    create: () => ({
      told: {
        lowMinutes: 10,
        medianMinutes: 15,
        highMinutes: 20,
        ageMinutes: 5,
        from: 0.2,
        isDue: true,
      },
      warns: (_, atMs) => minutes.includes(atMs / 60_000),
    }),
  };
}

describe('how warnings are judged', () => {
  it('a warning is right within the horizon, and in time when it stands ten minutes ahead', () => {
    expect(judge(warning(45), series())).toEqual({
      warnings: 1,
      right: 1,
      timed: 1,
      covered: 1,
      foretold: true,
      isTooFast: false,
      leadMinutes: 15,
    });
    expect(judge(warning(55), series())).toMatchObject({ right: 1, covered: 0, foretold: false });
    expect(judge(warning(25), series())).toMatchObject({ right: 0, foretold: true });
    expect(judge(warning(15), series())).toMatchObject({ right: 0, foretold: false });
    expect(judge(warning(), series())).toMatchObject({ warnings: 0, foretold: false });
  });

  it('who still warns after the horizon warns anew, and the end itself is no warning', () => {
    expect(judge(warning(5, 10, 34, 35, 60), series()).warnings).toBe(2);
    expect(judge(warning(60), series()).warnings).toBe(0);
  });

  it('counts no warning whose horizon nobody saw, nor those while values only teach', () => {
    const endless = series({ exhaustedAt: null, visibleAt: null });
    expect(judge(warning(20, 45), endless)).toMatchObject({
      warnings: 1,
      right: 0,
      foretold: null,
    });
    expect(judge(warning(20), series({ judgedFrom: 100 })).warnings).toBe(0);
  });

  it('says which ends came too fast to be foretold', () => {
    expect(judge(warning(), series({ visibleAt: 51 * perMinute })).isTooFast).toBe(true);
    expect(judge(warning(), series({ visibleAt: 50 * perMinute })).isTooFast).toBe(false);
  });

  it('a growth is visible when it is three deviations high and five minutes old', () => {
    const levels = Float64Array.from({ length: 200 }, (_, i) => Math.max(0, i - 40) / 100);
    const from = (noise: number): number =>
      visibleFrom(levels, { onset: 40, noise, intervalMs: 15_000 });
    expect(from(0.01)).toBe(60);
    expect(from(0.199)).toBe(100);
  });
});

describe('the report', () => {
  const verdict = judge(warning(45), series());
  const judged = toJudged(
    series(),
    contestants.map(() => verdict),
  );
  const report = reportForecasts({
    seeds: [1, 1],
    played: [{ ...judged, resource: 'cpu', pace: 'rising' }],
    generated: [judged, judged],
  });

  it('keeps CPU out of the total, and every set apart', () => {
    expectBenchmarkReport(report);
    expect(report.total).toMatchObject({ name: 'all but CPU', series: 2, exhausted: 2 });
    expect(report.rows[0]).toMatchObject({
      name: 'trend',
      scores: { recall: 1, precision: 1, coverage: 1, falseWarnings: 0, medianLeadMinutes: 15 },
      n: 2,
    });
    const ours = report.entities.filter(({ row, n }) => row === 'trend' && n > 0);
    expect(ours.map(({ name, n }) => [name, n])).toEqual([
      ['twin, CPU under rising load', 1],
      ['generated: disk', 2],
    ]);
  });

  it('prints a table for each set, the total last', () => {
    const table = renderForecastTable(report);
    expect(table).toMatch(/generated: disk: 2 resources, 2 h, 2 run out, 0 of them too fast\n/);
    expect(table).toMatch(/\* trend \(ours\) +1\.000 \[0\.34, 1\.00\] of 2 +1\.000/);
    expect(table.indexOf('all but CPU')).toBeGreaterThan(table.indexOf('generated: disk'));
  });
});

describe('the resources', () => {
  const generated = [1, 2, 3, 4, 5, 6].flatMap((seed) => generateSeries(seed));

  it('are the same for a seed, some run out and some only climb', () => {
    expect(generateSeries(2)).toEqual(generated.slice(generated.length / 6, generated.length / 3));
    const ended = generated.filter(({ exhaustedAt }) => exhaustedAt !== null);
    expect(ended.length).toBeGreaterThan(generated.length / 4);
    expect(ended.length).toBeLessThan(generated.length / 2);
    for (const { values, exhaustedAt, visibleAt, judgedFrom } of ended) {
      expect(values).toHaveLength((exhaustedAt as number) + 1);
      expect(visibleAt as number).toBeGreaterThan(judgedFrom);
    }
  });

  it('the default foretells what a threshold does, with far fewer false warnings than it or a line', () => {
    const total = (name: string): { foretold: number; wrong: number } => {
      const contestant = contestants.find((one) => one.name === name) as Contestant;
      const verdicts = generated.map((one) => judge(contestant, one));
      return {
        foretold: verdicts.filter(({ foretold, isTooFast }) => foretold && !isTooFast).length,
        wrong: verdicts.reduce((sum, { warnings, right }) => sum + warnings - right, 0),
      };
    };
    const [ours, threshold, line] = ['trend', 'above_80_percent', 'line_10min'].map(total);
    expect(ours?.foretold).toBeGreaterThanOrEqual(threshold?.foretold as number);
    expect(ours?.wrong).toBeLessThan((threshold?.wrong as number) / 3);
    expect(ours?.wrong).toBeLessThan((line?.wrong as number) / 3);
  });

  it('slows down what fills up, and lets it pass where that is possible', () => {
    expect(slowPaces('memory_leak')).toEqual(['slowed']);
    expect(slowPaces('growing_sidecar')).toEqual(['slowed', 'passing']);
    expect(slowPaces('traffic_spike')).toEqual(['rising']);
    expect(slowPaces('bad_deploy')).toEqual([]);
    const worlds = new WarmWorlds();
    const leak = (pace: 'slowed' | 'as written'): number => {
      const { faults } = drawEpisode({ scenario: 'memory_leak', seed: 5, pace }, worlds);
      return faults[0]?.parameters.leakBytesPerSec as number;
    };
    expect(leak('slowed')).toBeLessThan(leak('as written'));
    const passing = drawEpisode({ scenario: 'growing_sidecar', seed: 5, pace: 'passing' }, worlds);
    expect(passing.faults[0]?.durationMs).toBeLessThanOrEqual(1_200_000);
  });
});
