import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import type { PodVitals } from '../../../sim/cluster-view.ts';
import { createConditions } from '../../../sim/conditions.ts';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import { PodLog } from '../../../sim/control-plane/pod-log.ts';
import { createWorld, deployment, expectOk, nodeSpecs, service } from './fixture.ts';

const manager = { fieldManager: 'test' };

describe('the log of pods', () => {
  it('tells each reader what was noted since its last look, each pod once', () => {
    const log = new PodLog();
    log.noteNew('a');
    const { mark } = log;
    for (const key of ['b', 'a', 'b']) log.note(key);
    expect([...(log.since(mark) ?? [])]).toEqual(['b', 'a']);
    expect(log.since(log.mark)?.size).toBe(0);
  });

  it('knows nothing for readers that look too seldom, or never did', () => {
    const log = new PodLog();
    const { mark } = log;
    for (let i = 0; i < 5000; i += 1) log.note(`pod-${i}`);
    expect(log.since(mark)).toBeNull();
    expect(log.since(-1)).toBeNull();
    expect(log.since(log.mark)).not.toBeNull();
  });

  it('has everybody look at all pods when a name comes back, which moves to the end', () => {
    const log = new PodLog();
    const { mark } = log;
    log.noteNew('a');
    log.noteGone('a');
    expect(log.since(mark)?.size).toBe(1);
    const { mark: later } = log;
    log.noteNew('a');
    expect(log.since(later)).toBeNull();
  });
});

const names = ['web', 'cart', 'db'];

function placedWorld(): ReturnType<typeof createWorld> {
  const objects = names.flatMap((name) => [deployment(name, { replicas: 3 }), service(name)]);
  const world = createWorld({ objects, nodes: nodeSpecs(3, 2), services: names });
  world.plane.advance(0);
  return world;
}

/** Plays seconds; after each, what is kept must show what a fork finds that looks at all pods. */
function playLikeForks(plane: ControlPlane, fromSec: number, untilSec: number): void {
  for (let second = fromSec + 1; second <= untilSec; second += 1) {
    plane.advance(1000 * second);
    const { view } = plane;
    expect(view, `at ${second} s`).toEqual(plane.fork(createConditions()).view);
  }
}

function bare(name: string): KindMap['Pod'] {
  const containers = [{ name: 'server', image: 'web:1' }];
  const metadata = { name, namespace: 'default', labels: { app: 'web' } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } };
}

describe('views that look at the pods something happened to', () => {
  it('show releases, pods that go, and names that come back, like views of all pods', async () => {
    const { plane } = placedWorld();
    playLikeForks(plane, 0, 20);
    const body = {
      spec: { template: { spec: { containers: [{ name: 'server', image: 'web:2' }] } } },
    };
    const web = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    expectOk(await plane.api.patch(web, { type: 'strategic', body }, manager));
    playLikeForks(plane, 20, 60);
    expect(new Set(plane.view.pods.map(({ release }) => release)).has('2')).toBe(true);
    const lone = { kind: 'Pod', namespace: 'default', name: 'lone' } as const;
    for (const at of [60, 70]) {
      expectOk(await plane.api.create(bare('lone'), manager));
      playLikeForks(plane, at, at + 5);
      expectOk(await plane.api.remove(lone, { ...manager, gracePeriodSeconds: 0 }));
      playLikeForks(plane, at + 5, at + 10);
    }
  });

  it('keep the list of pods as long as nothing happens to any', () => {
    const { plane } = placedWorld();
    playLikeForks(plane, 0, 30);
    const { pods } = plane.view;
    plane.advance(60_000);
    expect(plane.view.pods).toBe(pods);
  });

  it('show pods on nodes that lose power and get it back', () => {
    const { plane, conditions } = placedWorld();
    playLikeForks(plane, 0, 20);
    conditions.unpoweredNodes.add('a1');
    plane.refreshConditions();
    plane.advance(21_000);
    expect(plane.view.pods.some(({ running }) => !running)).toBe(true);
    conditions.unpoweredNodes.delete('a1');
    plane.refreshConditions();
    playLikeForks(plane, 21, 40);
    expect(plane.view.pods.every(({ running }) => running)).toBe(true);
  });
});

describe('vital signs', () => {
  it('reach pods under new numbers, and none that is gone', async () => {
    const { plane } = placedWorld();
    plane.advance(20_000);
    const entries = new Map<string, PodVitals>();
    const report = (full: string): void => {
      const vitals = plane.view.pods.map(({ uid }) => {
        const known = entries.get(uid) ?? { uid, cpuCores: 0, memoryBytes: 0, answerMs: 0 };
        entries.set(uid, known);
        return known;
      });
      for (const entry of vitals) {
        Object.assign(entry, { memoryBytes: entry.uid === full ? Number.MAX_VALUE : 0 });
      }
      plane.reportVitals(vitals);
    };
    report('');
    const [first, ...others] = plane.view.pods;
    const ref = { kind: 'Pod', namespace: 'default', name: first?.name ?? '' } as const;
    expectOk(await plane.api.remove(ref, { ...manager, gracePeriodSeconds: 0 }));
    plane.advance(30_000);
    const last = plane.view.pods.at(-1);
    for (const uid of [first?.uid, others[0]?.uid, last?.uid]) report(uid ?? '');
    plane.advance(40_000);
    const restarted = plane.view.pods.filter(({ restartCount }) => restartCount > 0);
    expect(restarted.map(({ uid }) => uid)).toEqual([others[0]?.uid, last?.uid]);
  });
});
