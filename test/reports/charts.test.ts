import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../core/truth/index.ts';
import type { Chart } from '../../reports/chart.ts';
import { ratesChart, recoveryChart } from '../../reports/evaluation-charts.ts';
import { harmChart } from '../../reports/harm-chart.ts';
import { timelineChart } from '../../reports/timeline-chart.ts';
import { fixtureEvaluation } from './evaluation-fixture.ts';
import { fixtureRecord } from './fixture.ts';
import { fixtureScorecard } from './fixture-scorecard.ts';
import { expectGolden } from './golden.ts';

const charts: readonly Chart[] = [
  timelineChart(fixtureRecord(), fixtureScorecard()),
  harmChart(fixtureRecord()),
  ratesChart(fixtureEvaluation()),
  recoveryChart(fixtureEvaluation()),
];

/** One line per array of numbers, numbers to five digits. */
function goldenText(chart: Chart): string {
  const rounded = JSON.parse(JSON.stringify(chart), (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value,
  ) as unknown;
  return `${JSON.stringify(rounded, null, 1).replace(/\[\s+([-\d.,\sn ul]+?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
}

describe('charts', () => {
  it.each(charts)('$id is as its golden file', (chart) => {
    expectGolden(`chart-${chart.id}.json`, goldenText(chart));
  });

  it.each(charts)('$id has no number that JSON cannot carry, and colours by name only', (chart) => {
    const walk = (value: unknown): void => {
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      else if (typeof value === 'string') expect(value).not.toMatch(/^#[0-9a-f]{3,8}$/i);
      else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk);
    };
    walk(chart);
  });

  it('puts the true onset, the detection and the recovery where they happened', () => {
    const marks = (
      timelineChart(fixtureRecord(), fixtureScorecard()).data as {
        name: string;
        mode: string;
        x: number[];
      }[]
    )
      .filter(({ mode }) => mode === 'markers')
      .map(({ name, x }) => [name, ...x.map((minute) => Math.round(minute * 60))]);
    expect(marks).toEqual([
      ['fault', 600, 600],
      ['users', 603, 725],
      ['incident', 615],
      ['diagnosis', 615],
      ['action', 630, 630, 630],
    ]);
  });

  it('draws a day of one-second buckets with a bounded number of points and keeps a short dip', () => {
    const record = longRecord();
    const chart = timelineChart(record, fixtureScorecard());
    const healed = chart.data.find(({ name, yaxis }) => name === 'healed' && yaxis === 'y') as {
      y: number[];
    };
    expect(healed.y.length).toBeLessThanOrEqual(1500);
    expect(Math.min(...healed.y)).toBeLessThan(0.99);
    expect(JSON.stringify(chart).length).toBeLessThan(400_000);
  });
});

function longRecord(): RunRecord {
  const seconds = 86_400;
  const series = {
    startMs: 0,
    stepMs: 1000,
    journeys: ['browse'],
    offered: [Array.from({ length: seconds }, () => 10)],
    good: [Array.from({ length: seconds }, (_, i) => (i === 50_000 ? 0 : 10))],
    latencyMsP95: [Array.from({ length: seconds }, () => 80)],
  };
  return {
    ...fixtureRecord(),
    durationMs: seconds * 1000,
    sli: { healed: series, unhealed: series, noFault: series },
  };
}
