import { describe, expect, it } from 'vitest';
import { createWatcher } from '../../../lab/benchmarks/logs-online/watch-run.ts';

describe('log detectors on the catalogue', () => {
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
