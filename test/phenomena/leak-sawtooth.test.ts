import { expect, it } from 'vitest';
import { deployment, service } from '../sim/control-plane/fixture.ts';
import {
  journeySpec,
  megabyte,
  operationSpec,
  serviceSpec,
  twinSpec,
} from '../sim/data-plane/fixture.ts';
import { Stage } from './stage.ts';

/**
 * One pod that leaks 1 MB/s towards a limit 300 MB above its base, and is cold for a while after
 * start.
 */
function leakingStage(): Stage {
  const web = serviceSpec('web', [operationSpec('Get', { cpuMs: 10 })], {
    startupMs: 3000,
    coldFactor: 2,
    coldMs: 20_000,
  });
  const spec = twinSpec({
    services: [web],
    journeys: [journeySpec('visit', 'web', 'Get', { timeoutMs: 20_000 })],
    workload: { requestsPerSec: 30 },
  });
  const resources = {
    requests: { cpu: '500m', memory: '100M' },
    limits: { cpu: '1', memory: '400M' },
  };
  const stage = new Stage(spec, [
    deployment('web', { replicas: 1, image: 'web:leaky', container: { resources } }),
    service('web'),
  ]);
  const traits = { errorRatio: 0, cpuFactor: 1, leakBytesPerSec: megabyte };
  stage.conditions.releaseTraits.set('web@leaky', traits);
  return stage;
}

it('a leak fills memory, is killed, starts cold, and fills it again', () => {
  const stage = leakingStage();
  const killsAt: number[] = [];
  const latencyMs: number[] = [];
  let restarts = stage.pods[0]!.restartCount;
  let memoryMax = 0;
  let memoryAfterKill = Number.POSITIVE_INFINITY;
  for (let second = 0; second < 1800; second += 1) {
    const { vitals, service: services } = stage.second();
    latencyMs.push(services.latencyMsMean[0]!);
    const { memoryBytes } = vitals[0]!;
    memoryMax = Math.max(memoryMax, memoryBytes);
    const { restartCount } = stage.pods[0]!;
    if (restartCount > restarts) killsAt.push(second);
    restarts = restartCount;
    const sinceKill = second - (killsAt.at(-1) ?? Number.POSITIVE_INFINITY);
    if (sinceKill === 20) memoryAfterKill = Math.min(memoryAfterKill, memoryBytes);
  }
  expect(killsAt.length).toBeGreaterThanOrEqual(4);
  expect(memoryMax).toBeGreaterThan(390 * megabyte);
  expect(memoryAfterKill).toBeLessThan(150 * megabyte);
  // 300 MB at 1 MB/s; pressure and back-off move it a little.
  const periods = killsAt.slice(1).map((at, k) => at - killsAt[k]!);
  for (const period of periods) {
    expect(period).toBeGreaterThan(260);
    expect(period).toBeLessThan(420);
  }
  // Warm, 10 ms of work at 30 % utilisation take 14 ms; cold, three times the work saturates
  // nearly.
  const settled = latencyMs[killsAt[0]! + 150]!;
  expect(settled).toBeLessThan(20);
  const afterKill = Math.max(...latencyMs.slice(killsAt[0]! + 5, killsAt[0]! + 60));
  expect(afterKill).toBeGreaterThan(3 * settled);
});
