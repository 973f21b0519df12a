import { expect, it } from 'vitest';
import type { KindMap } from '../../core/observable/index.ts';
import { deployment, service } from '../sim/control-plane/fixture.ts';
import {
  journeySpec,
  megabyte,
  operationSpec,
  serviceSpec,
  twinSpec,
} from '../sim/data-plane/fixture.ts';
import { Stage, setLoad } from './stage.ts';

const autoscaler: KindMap['HorizontalPodAutoscaler'] = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    minReplicas: 2,
    maxReplicas: 40,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
      },
    ],
  },
};

/** Pods of one core that need `startupMs` to start and are cold for a minute. */
function scaledStage(startupMs: number): Stage {
  const web = serviceSpec('web', [operationSpec('Get', { cpuMs: 20 })], {
    startupMs,
    coldFactor: 1,
    coldMs: 20_000,
    memory: { baseBytes: 100 * megabyte, perInFlightBytes: 1000 },
  });
  const spec = twinSpec({
    services: [web],
    journeys: [journeySpec('visit', 'web', 'Get', { timeoutMs: 20_000 })],
    workload: { requestsPerSec: 40 },
  });
  const resources = {
    requests: { cpu: '500m', memory: '200M' },
    limits: { cpu: '1', memory: '4G' },
  };
  return new Stage(spec, [
    deployment('web', { replicas: 3, container: { resources } }),
    service('web'),
    autoscaler,
  ]);
}

interface Step {
  readonly before: number;
  readonly most: number;
  readonly settled: number;
  /** Users not served within their objective. */
  readonly lost: number;
}

/** Replicas wanted before, at most, and long after the load has risen fivefold. */
function step(startupMs: number): Step {
  const stage = scaledStage(startupMs);
  for (let second = 0; second < 1200; second += 1) stage.second();
  const before = stage.desired;
  setLoad(stage.conditions, 5);
  let most = 0;
  let lost = 0;
  for (let second = 0; second < 2400; second += 1) {
    const { user } = stage.second();
    most = Math.max(most, stage.desired);
    lost += user.offered[0]! - user.good[0]!;
  }
  return { before, most, settled: stage.desired, lost };
}

it('an autoscaler that sees backlog and cold starts late wants more than the load needs', () => {
  const quick = step(1000);
  const slow = step(60_000);
  for (const { before, most, settled } of [quick, slow]) {
    expect(before).toBe(3);
    // 200 requests of 20 ms are 4 cores; at 60 % of 0.5 cores that is 14 pods.
    expect(settled).toBeGreaterThanOrEqual(13);
    expect(settled).toBeLessThanOrEqual(15);
    expect(most).toBeGreaterThanOrEqual(1.2 * settled);
  }
  // Until the new pods listen, 4 cores' worth of work arrive for every 3 that can be done.
  expect(slow.lost).toBeGreaterThan(quick.lost + 0.5 * 59 * 200);
});
