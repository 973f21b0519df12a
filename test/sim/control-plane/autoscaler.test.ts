import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import { createWorld, deployment, eventLines, expectOk, nodeSpecs, service } from './fixture.ts';

const autoscaler: KindMap['HorizontalPodAutoscaler'] = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    minReplicas: 2,
    maxReplicas: 10,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
      },
    ],
  },
};

function scaledPlane(): ControlPlane {
  const { plane } = createWorld({
    objects: [deployment('web', { replicas: 2 }), service('web'), autoscaler],
    nodes: nodeSpecs(3, 1),
  });
  plane.advance(0);
  plane.drainEvents();
  return plane;
}

/** Runs second by second with a load in cores that the ready pods share. */
function run(
  plane: ControlPlane,
  { fromMs, untilMs, cores }: { fromMs: number; untilMs: number; cores: number },
): void {
  for (let atMs = fromMs + 1000; atMs <= untilMs; atMs += 1000) {
    plane.advance(atMs);
    const serving = plane.view.pods.filter(({ inEndpoints }) => inEndpoints).length;
    plane.reportVitals(
      plane.view.pods.map(({ uid, inEndpoints }) => ({
        uid,
        cpuCores: inEndpoints ? cores / serving : 0,
        memoryBytes: 1e7,
        answerMs: 0,
      })),
    );
  }
}

const desired = (plane: ControlPlane): number | undefined => plane.view.workloads[0]?.desired;

describe('horizontal pod autoscaler', () => {
  it('scales up to the replicas that bring utilization to its target', async () => {
    const plane = scaledPlane();
    run(plane, { fromMs: 0, untilMs: 60_000, cores: 0.4 });
    expect(desired(plane)).toBeGreaterThanOrEqual(8);
    run(plane, { fromMs: 60_000, untilMs: 600_000, cores: 0.4 });
    // 0.4 cores over requests of 0.1 at 50 % is eight pods; metrics that lag overshoot at first.
    expect(desired(plane)).toBe(8);
    expect(plane.view.workloads[0]?.ready).toBe(8);
    const [first] = eventLines(plane.drainEvents(), 'SuccessfulRescale');
    expect(first).toMatch(
      /New size: \d+; reason: cpu resource utilization \(percentage of request\) above target$/,
    );
    const { status } = expectOk(
      await plane.api.get({ kind: 'HorizontalPodAutoscaler', namespace: 'default', name: 'web' }),
    );
    expect(status?.currentMetrics?.[0]?.resource?.current.averageUtilization).toBe(50);
    expect(plane.drainChanges()).toEqual([]);
  });

  it('leaves deviations within 10 % alone', () => {
    const plane = scaledPlane();
    run(plane, { fromMs: 0, untilMs: 120_000, cores: 0.108 });
    expect(desired(plane)).toBe(2);
  });

  it('scales down only after five minutes below, and not below its minimum', () => {
    const plane = scaledPlane();
    run(plane, { fromMs: 0, untilMs: 180_000, cores: 0.3 });
    expect(desired(plane)).toBeGreaterThanOrEqual(6);
    run(plane, { fromMs: 180_000, untilMs: 450_000, cores: 0.02 });
    expect(desired(plane)).toBe(6);
    run(plane, { fromMs: 450_000, untilMs: 540_000, cores: 0.02 });
    expect(desired(plane)).toBe(2);
  });

  it('without metrics says so and does nothing', () => {
    const plane = scaledPlane();
    plane.advance(60_000);
    expect(desired(plane)).toBe(2);
    const failures = plane
      .drainEvents()
      .filter(({ reason }) => reason === 'FailedGetResourceMetric');
    expect(failures.length).toBeGreaterThan(0);
  });

  it('cannot compute without a request in every container, and says which lacks it', async () => {
    const plane = scaledPlane();
    const body = {
      spec: { template: { spec: { containers: [{ name: 'shipper', image: 's:1' }] } } },
    };
    const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    expectOk(await plane.api.patch(ref, { type: 'strategic', body }, { fieldManager: 'kubectl' }));
    run(plane, { fromMs: 0, untilMs: 180_000, cores: 0.4 });
    const answer = await plane.api.get({
      kind: 'HorizontalPodAutoscaler',
      namespace: 'default',
      name: 'web',
    });
    const active = expectOk(answer).status?.conditions?.find(
      ({ type }) => type === 'ScalingActive',
    );
    expect(active).toMatchObject({ status: 'False', reason: 'FailedGetResourceMetric' });
    expect(active?.message).toMatch(/missing request for cpu in container shipper of Pod web-/);
  });

  it('says when its bounds hold back what the metric asks for', async () => {
    const plane = scaledPlane();
    const ref = { kind: 'HorizontalPodAutoscaler', namespace: 'default', name: 'web' } as const;
    const body = { spec: { maxReplicas: 3 } };
    expectOk(await plane.api.patch(ref, { type: 'merge', body }, { fieldManager: 'kubectl' }));
    run(plane, { fromMs: 0, untilMs: 120_000, cores: 0.4 });
    expect(desired(plane)).toBe(3);
    const { status } = expectOk(await plane.api.get(ref));
    expect(status?.conditions?.find(({ type }) => type === 'ScalingLimited')).toMatchObject({
      status: 'True',
      reason: 'TooManyReplicas',
    });
  });
});
