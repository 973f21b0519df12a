import { describe, expect, it } from 'vitest';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import { createWorld, deployment, eventLines, listPods, readyOf, service } from './fixture.ts';

const megabyte = 1024 * 1024;

function onePod(options: Parameters<typeof deployment>[1] = {}): ControlPlane {
  const { plane } = createWorld({
    objects: [deployment('web', { replicas: 1, ...options }), service('web')],
  });
  plane.advance(0);
  plane.drainEvents();
  return plane;
}

function report(plane: ControlPlane, vitals: { memoryBytes?: number; answerMs?: number }): void {
  const { memoryBytes = megabyte, answerMs = 0 } = vitals;
  plane.reportVitals(
    plane.view.pods.map(({ uid }) => ({ uid, cpuCores: 0.1, memoryBytes, answerMs })),
  );
}

describe('start', () => {
  it('takes 1.5 s to pull and create, then the start-up time; the readiness probe lets traffic in', () => {
    const { plane } = createWorld({
      objects: [deployment('web', { replicas: 1 }), service('web')],
    });
    plane.advance(-58_501);
    expect(plane.view.pods[0]).toMatchObject({ running: false, inEndpoints: false });
    plane.advance(-58_500);
    expect(plane.view.pods[0]).toMatchObject({
      running: true,
      listening: false,
      processStartedUs: -58_500_000,
    });
    plane.advance(-55_500);
    expect(plane.view.pods[0]).toMatchObject({ listening: true, inEndpoints: false });
    plane.advance(-53_500);
    expect(plane.view.pods[0]?.inEndpoints).toBe(true);
    const reasons = plane.drainEvents().map(({ reason }) => reason);
    expect(reasons.slice(-5)).toEqual(['Scheduled', 'Pulled', 'Created', 'Started', 'Unhealthy']);
  });

  it('without a readiness probe is ready before anything listens', () => {
    const bare = deployment('web', { replicas: 1 });
    delete bare.spec?.template.spec?.containers[0]?.readinessProbe;
    const { plane } = createWorld({ objects: [bare, service('web')] });
    plane.advance(-58_500);
    expect(plane.view.pods[0]).toMatchObject({ listening: false, inEndpoints: true });
  });

  it('waits for the startup probe before the others begin', () => {
    const startupProbe = { periodSeconds: 10, failureThreshold: 30, tcpSocket: { port: 8080 } };
    const livenessProbe = { periodSeconds: 1, failureThreshold: 1, tcpSocket: { port: 8080 } };
    const { plane } = createWorld({
      objects: [
        deployment('web', { replicas: 1, container: { startupProbe, livenessProbe } }),
        service('web'),
      ],
    });
    plane.advance(0);
    expect(plane.view.pods[0]).toMatchObject({ restartCount: 0, inEndpoints: true });
  });
});

describe('memory', () => {
  it('at the limit kills: exit 137, OOMKilled, restart, and an event on the node', async () => {
    const plane = onePod();
    report(plane, { memoryBytes: 128 * megabyte - 1 });
    expect(plane.view.pods[0]?.running).toBe(true);
    report(plane, { memoryBytes: 128 * megabyte });
    expect(plane.view.pods[0]).toMatchObject({ running: false, listening: false });
    plane.advance(1000);
    expect(plane.view.pods[0]).toMatchObject({
      running: true,
      listening: false,
      inEndpoints: false,
    });
    plane.advance(30_000);
    const [pod] = await listPods(plane, 'web');
    expect(pod?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    });
    expect(plane.pods()[0]).toMatchObject({ restartCount: 1, lastTerminationReason: 'OOMKilled' });
    const oom = plane.drainEvents().find(({ reason }) => reason === 'OOMKilling');
    expect(oom?.involved.kind).toBe('Node');
  });

  it('again and again backs off 10, 20, 40 … 300 s, and forgets after 10 good minutes', async () => {
    const plane = onePod();
    const waits: number[] = [];
    let nowMs = 0;
    for (let crash = 0; crash < 8; crash += 1) {
      report(plane, { memoryBytes: 200 * megabyte });
      const crashedMs = nowMs;
      do {
        nowMs += 500;
        plane.advance(nowMs);
      } while (!plane.view.pods[0]?.running);
      waits.push((nowMs - crashedMs) / 1000);
    }
    expect(waits).toEqual([0.5, 10, 20, 40, 80, 160, 300, 300]);
    const backOffs = eventLines(plane.drainEvents(), 'BackOff');
    expect(backOffs).toHaveLength(7);
    expect(backOffs[0]).toMatch(
      /Back-off restarting failed container server in pod web-\S+_default\(/,
    );
    plane.advance(nowMs + 600_000);
    report(plane, { memoryBytes: 200 * megabyte });
    plane.advance(nowMs + 600_500);
    expect(plane.view.pods[0]?.running).toBe(true);
  });

  it('while backing off shows CrashLoopBackOff', async () => {
    const plane = onePod();
    report(plane, { memoryBytes: 200 * megabyte });
    plane.advance(1000);
    report(plane, { memoryBytes: 200 * megabyte });
    const [pod] = await listPods(plane, 'web');
    const status = pod?.status?.containerStatuses?.[0];
    expect(status?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    expect(status?.state?.waiting?.message).toMatch(
      /^back-off 10s restarting failed container=server pod=web-/,
    );
    expect(status?.lastState?.terminated?.reason).toBe('OOMKilled');
  });
});

describe('probes', () => {
  it('take an unresponsive pod out after three failures and back after one success', async () => {
    const plane = onePod();
    report(plane, { answerMs: 1200 });
    plane.advance(10_000);
    expect(plane.view.pods[0]?.inEndpoints).toBe(true);
    plane.advance(15_000);
    expect(plane.view.pods[0]).toMatchObject({ inEndpoints: false, running: true });
    expect((await listPods(plane, 'web')).map(readyOf)).toEqual(['False']);
    report(plane, { answerMs: 300 });
    plane.advance(20_000);
    expect(plane.view.pods[0]?.inEndpoints).toBe(true);
    const unhealthy = eventLines(plane.drainEvents(), 'Unhealthy');
    expect(unhealthy).toHaveLength(3);
    expect(unhealthy[0]).toMatch(
      /Readiness probe failed: Get "http:\/\/10\.\S+:8080\/healthz": context deadline exceeded/,
    );
  });

  it('for liveness restart the container', () => {
    const livenessProbe = { periodSeconds: 10, failureThreshold: 2, grpc: { port: 8080 } };
    const plane = onePod({ container: { livenessProbe } });
    const startedUs = plane.view.pods[0]?.processStartedUs ?? 0;
    report(plane, { answerMs: 1200 });
    plane.advance(60_000);
    const [pod] = plane.view.pods;
    expect(pod).toMatchObject({ restartCount: 1, running: true, inEndpoints: true });
    expect(pod?.processStartedUs).toBeGreaterThan(startedUs);
    const [killing] = eventLines(plane.drainEvents(), 'Killing');
    expect(killing).toMatch(/Container server failed liveness probe, will be restarted/);
  });

  it('wait as long as their manifest says', async () => {
    const livenessProbe = { timeoutSeconds: 5, failureThreshold: 2, grpc: { port: 8080 } };
    const plane = onePod({ container: { livenessProbe } });
    const answerIn = (answerMs: number, untilMs: number): void => {
      for (let atMs = untilMs - 60_000; atMs < untilMs; ) {
        atMs += 1000;
        plane.advance(atMs);
        report(plane, { answerMs });
      }
    };
    answerIn(900, 60_000);
    expect(plane.view.pods[0]).toMatchObject({ inEndpoints: true, restartCount: 0 });
    // Too late for the readiness probe and its second, in time for the patient liveness probe.
    answerIn(4900, 120_000);
    expect(plane.view.pods[0]).toMatchObject({ inEndpoints: false, restartCount: 0 });
    answerIn(5100, 180_000);
    expect(plane.view.pods[0]?.restartCount).toBeGreaterThan(0);
  });

  it('cost nothing while all is well: no timer but the node monitor is left', () => {
    const plane = onePod();
    const { version } = plane.view;
    const before = plane.view;
    for (let atMs = 1000; atMs <= 600_000; atMs += 1000) {
      plane.advance(atMs);
      report(plane, {});
    }
    expect(plane.view.version).toBe(version);
    expect(plane.view).toBe(before);
    expect(plane.drainEvents()).toEqual([]);
  });
});
