import { describe, expect, it } from 'vitest';
import { reportLogsOnline } from '../../../lab/benchmarks/logs-online/run-logs-online.ts';
import { createWatcher, type WatchedRun } from '../../../lab/benchmarks/logs-online/watch-run.ts';
import { renderLogsOnlineTable } from '../../../lab/index.ts';
import { expectBenchmarkReport } from './benchmark-report.ts';

describe('log detectors on the catalogue', () => {
  it('are credited with what they say in time, and sooner than metrics or without them', () => {
    const run: WatchedRun = {
      scenario: 'bad_deploy',
      isFaulty: true,
      onsetMs: 10_000,
      metricsMs: 60_000,
      logsMs: { new_template: 20_000 },
      rightLogsMs: {},
      healthyHours: 2,
      falseAlarms: { new_template: 1 },
    };
    const late = { ...run, scenario: 'memory_leak', metricsMs: 600_000, logsMs: {} };
    const unfelt = { ...run, scenario: 'baseline', onsetMs: null };
    const report = reportLogsOnline([run, late, { ...late, logsMs: run.logsMs }, unfelt], [1]);
    expectBenchmarkReport(report);
    expect(report.rows.map(({ name, n }) => [name, n]).slice(0, 2)).toEqual([
      ['metrics: default stack', 3],
      ['any log detector', 3],
    ]);
    expect(report.rows[0]?.scores).toMatchObject({ inTime: 1 / 3, falseAlarms: null });
    expect(report.rows[1]?.scores).toEqual({
      inTime: 2 / 3,
      inTimeAndRight: 0,
      sooner: 2 / 3,
      beyondMetrics: 1 / 2,
      falseAlarms: 1 / 2,
    });
    expect(report.onlyLogs).toEqual(['memory_leak']);
    const leak = report.entities.filter(({ name }) => name === 'memory_leak');
    expect(leak[1]).toMatchObject({ row: 'any log detector', scores: { inTime: 0.5 }, n: 2 });
    expect(renderLogsOnlineTable(report)).toContain('4 runs, 3 felt by users, 8 healthy hours');
  });

  it.runIf(process.env.FIREDRILL_FULL)(
    'hear of a wrong port, from injection on, and count what they say before as false',
    async () => {
      const run = await createWatcher()({ scenario: 'target_port_wrong', seed: 2 });
      expect(run.onsetMs).toBeLessThan(60_000);
      expect(run.metricsMs).not.toBeNull();
      expect(Object.keys(run.logsMs).length).toBeGreaterThan(2);
      expect(Math.min(...Object.values(run.logsMs))).toBeLessThan(120_000);
      expect(run.healthyHours).toBeGreaterThan(0);
    },
    120_000,
  );
});
