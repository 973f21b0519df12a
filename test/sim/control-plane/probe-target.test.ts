import { describe, expect, it } from 'vitest';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import { createWorld, deployment, expectOk, service } from './fixture.ts';

/**
 * The world some time after a probe of a shipped Deployment was changed, rolled out with Recreate.
 */
async function probedBy(probes: object, untilMs = 60_000): Promise<ControlPlane> {
  const shipped = deployment('web', {
    replicas: 1,
    container: { livenessProbe: { periodSeconds: 10, httpGet: { path: '/healthz', port: 8080 } } },
    spec: { strategy: { type: 'Recreate' } },
  });
  const { plane } = createWorld({ objects: [shipped, service('web')] });
  plane.advance(0);
  const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
  const body = { spec: { template: { spec: { containers: [{ name: 'server', ...probes }] } } } };
  expectOk(
    await plane.api.patch(ref, { type: 'strategic', body }, { fieldManager: 'kubectl-edit' }),
  );
  plane.drainEvents();
  plane.advance(untilMs);
  return plane;
}

function unhealthy(plane: ControlPlane): string[] {
  return plane
    .drainEvents()
    .filter(({ reason }) => reason === 'Unhealthy')
    .map(({ message }) => message);
}

describe('a readiness probe', () => {
  it('on a port where nobody listens keeps the pod out of the endpoints', async () => {
    const plane = await probedBy({ readinessProbe: { httpGet: { port: 8081 } } });
    expect(plane.view.pods[0]).toMatchObject({
      listening: true,
      inEndpoints: false,
      restartCount: 0,
    });
    expect(unhealthy(plane).at(-1)).toMatch(
      /^Readiness probe failed: Get "http:\/\/10\.244\.\d+\.\d+:8081\/healthz": dial tcp \S+: connect: connection refused$/,
    );
  });

  it('on a path that the service does not have is answered 404', async () => {
    const plane = await probedBy({ readinessProbe: { httpGet: { path: '/ready' } } });
    expect(plane.view.pods[0]?.inEndpoints).toBe(false);
    expect(unhealthy(plane)).toContain(
      'Readiness probe failed: HTTP probe failed with statuscode: 404',
    );
  });

  it('in a protocol that the service does not speak fails', async () => {
    const plane = await probedBy({ readinessProbe: { httpGet: null, grpc: { port: 8080 } } });
    expect(plane.view.pods[0]?.inEndpoints).toBe(false);
  });

  it('by TCP passes on the port of any protocol', async () => {
    const plane = await probedBy({ readinessProbe: { httpGet: null, tcpSocket: { port: 8080 } } });
    expect(plane.view.pods[0]?.inEndpoints).toBe(true);
  });
});

describe('a liveness probe', () => {
  it('on a wrong port restarts a healthy process again and again', async () => {
    const livenessProbe = { httpGet: { port: 9000 }, failureThreshold: 3 };
    const plane = await probedBy({ livenessProbe }, 300_000);
    expect(plane.view.pods[0]?.restartCount).toBeGreaterThanOrEqual(3);
    expect(unhealthy(plane).some((message) => message.startsWith('Liveness probe failed'))).toBe(
      true,
    );
  });

  it('that is only less patient leaves a process alone that answers', async () => {
    // Looks first when the process listens, which takes three seconds.
    const livenessProbe = { initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 1 };
    const plane = await probedBy({ livenessProbe }, 300_000);
    expect(plane.view.pods[0]).toMatchObject({ restartCount: 0, inEndpoints: true });
  });
});
