import { beforeAll, describe, expect, it } from 'vitest';
import { type Fault, type FaultKind, faultKinds } from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { faultOf, goodRatio, warmTwin } from './boutique.ts';
import { FaultBench, ordersOf } from './fault-bench.ts';
import { impairmentSpecimens } from './impairment-specimens.ts';

const minuteMs = 60_000;
const catalogue = 'productcatalogservice';

function release(tag: string, changes: Partial<Fault> = {}): Fault {
  const parameters = { tag, errorRatio: 0.3, cpuFactor: 1.2, leakBytesPerSec: 1000 };
  return faultOf({ kind: 'release', target: `service/${catalogue}`, parameters, ...changes });
}

function delay(delayMs: number): Fault {
  return faultOf({
    kind: 'network_delay',
    target: 'service/redis-cart',
    parameters: { delayMs },
  });
}

function load(factor: number, rampMs: number, target = 'user/*'): Fault {
  return faultOf({ kind: 'load_factor', target, parameters: { factor, rampMs } });
}

function powerLoss(target: string): Fault {
  return faultOf({ kind: 'node_power_loss', target });
}

interface Specimen {
  readonly fault: Fault;
  /** What the twin shows of it in minute 3, against the same seed without it. */
  readonly shows: (broken: Twin, sound: Twin) => void;
  /** From its end until users are served as well as without it. */
  readonly recoveryMs: number;
}

function meanOver(twin: Twin, read: (tick: Twin['truth']['user'][number]) => number): number {
  const ticks = twin.truth.user.filter(({ atMs }) => atMs > 2 * minuteMs && atMs <= 3 * minuteMs);
  return ticks.reduce((sum, tick) => sum + read(tick), 0) / ticks.length;
}

function serviceErrors(twin: Twin, service: string): number {
  const s = twin.truth.services.indexOf(service);
  return twin.truth.service.at(-1)?.errorRatio[s] as number;
}

const catalogueRef = { kind: 'Deployment', namespace: 'default', name: catalogue } as const;
const noPods = { spec: { replicas: 0 } };

const specimens: Readonly<Record<FaultKind, Specimen>> = {
  network_partition: {
    fault: faultOf({ kind: 'network_partition', target: 'zone/us-east-1b' }),
    shows: (broken, sound) => {
      expect(goodRatio(broken, 2 * minuteMs, 3 * minuteMs)).toBeLessThan(0.7);
      expect(goodRatio(sound, 2 * minuteMs, 3 * minuteMs)).toBeGreaterThan(0.98);
    },
    recoveryMs: minuteMs,
  },
  node_power_loss: {
    fault: powerLoss('zone/us-east-1c'),
    // Some seconds of time-outs until endpoints are taken out, and a third of the capacity gone.
    shows: (broken, sound) => {
      const during = (twin: Twin): number => goodRatio(twin, minuteMs, 2 * minuteMs);
      expect(during(broken)).toBeLessThan(during(sound) - 0.1);
    },
    recoveryMs: 4 * minuteMs,
  },
  network_delay: {
    fault: delay(400),
    shows: (broken, sound) => {
      const cart = sound.truth.journeys.indexOf('view-cart');
      const latency = (twin: Twin): number =>
        meanOver(twin, ({ latencyMsP95 }) => latencyMsP95[cart] as number);
      expect(latency(broken) - latency(sound)).toBeGreaterThan(380);
    },
    recoveryMs: minuteMs,
  },
  release: {
    fault: release('v0.11.0'),
    shows: (broken, sound) => {
      expect(serviceErrors(broken, catalogue)).toBeCloseTo(0.3, 2);
      expect(serviceErrors(sound, catalogue)).toBeLessThan(0.01);
    },
    recoveryMs: 4 * minuteMs,
  },
  load_factor: {
    fault: load(1.5, 30_000),
    shows: (broken, sound) => {
      const offered = (twin: Twin): number =>
        meanOver(twin, (tick) => tick.offered.reduce((sum, count) => sum + count, 0));
      expect(offered(broken) / offered(sound)).toBeCloseTo(1.5, 1);
    },
    recoveryMs: 2 * minuteMs,
  },
  batch_traffic: {
    fault: faultOf({
      kind: 'batch_traffic',
      target: 'edge/frontend->cartservice',
      parameters: { perSec: 500, errorRatio: 0.8, latencyMs: 900 },
    }),
    // Only servers feel it; test/sim/batch-traffic.test.ts shows what they count.
    shows: (broken, sound) => expect(broken.truth.user).toEqual(sound.truth.user),
    recoveryMs: minuteMs,
  },
  object_edit: {
    fault: {
      ...faultOf({ kind: 'object_edit', target: `service/${catalogue}` }),
      edits: [{ verb: 'patch', object: catalogueRef, patch: { type: 'merge', body: noPods } }],
    },
    shows: (broken, sound) => {
      expect(serviceErrors(broken, catalogue)).toBeGreaterThan(0.9);
      expect(serviceErrors(sound, catalogue)).toBeLessThan(0.01);
    },
    recoveryMs: 2 * minuteMs,
  },
  ...impairmentSpecimens,
  component_down: {
    // The kubelet beside the only cart store: its pod is unready once the grace is over.
    fault: faultOf({
      kind: 'component_down',
      target: 'node/node-a3',
      parameters: { component: 'kubelet' },
    }),
    shows: (broken, sound) => {
      const after = (twin: Twin): number => goodRatio(twin, 2 * minuteMs, 3 * minuteMs);
      expect(after(broken)).toBeLessThan(after(sound) - 0.3);
    },
    recoveryMs: minuteMs,
  },
  pod_kill: {
    fault: faultOf({
      kind: 'pod_kill',
      target: 'service/redis-cart',
      parameters: { mode: 'pod', count: 1, intervalMs: 20_000 },
    }),
    shows: (broken, sound) => {
      const during = (twin: Twin): number => goodRatio(twin, minuteMs, 3 * minuteMs);
      expect(during(broken)).toBeLessThan(during(sound) - 0.05);
    },
    recoveryMs: minuteMs,
  },
  node_drain: {
    fault: faultOf({
      kind: 'node_drain',
      target: 'node/node-a3',
      parameters: { rebootMs: 40_000, pauseMs: 0 },
    }),
    // The only cart store moves; the others keep within their budgets.
    shows: (broken, sound) => {
      const during = (twin: Twin): number => goodRatio(twin, minuteMs, 2 * minuteMs);
      expect(during(broken)).toBeLessThan(during(sound) - 0.02);
      expect(serviceErrors(broken, catalogue)).toBeLessThan(0.01);
    },
    recoveryMs: minuteMs,
  },
  telemetry_impairment: {
    // Only observers feel it; test/sim/telemetry-impairment.test.ts shows what they miss.
    fault: faultOf({
      kind: 'telemetry_impairment',
      parameters: { mode: 'drop', signal: 'all', share: 1 },
    }),
    shows: (broken, sound) => expect(broken.truth.user).toEqual(sound.truth.user),
    recoveryMs: minuteMs,
  },
};

/** Kinds whose effect is in the API's objects, not in conditions. */
const editsObjects: ReadonlySet<FaultKind> = new Set(['object_edit', 'pod_kill', 'node_drain']);

describe('every kind takes hold, shows, and lets go', () => {
  let warm: Twin;
  let untouched: FaultBench;
  beforeAll(async () => {
    warm = await warmTwin({ telemetry: false });
    untouched = FaultBench.create();
  });

  it.each(faultKinds)('%s changes conditions and puts them back exactly', async (kind) => {
    const bench = untouched.fork();
    bench.schedule.add([{ ...specimens[kind].fault, durationMs: 3 * minuteMs }]);
    const before = untouched.conditions;
    await bench.play(minuteMs);
    expect(bench.conditions).toEqual(before);
    await bench.play(minuteMs + 1000);
    if (!editsObjects.has(kind)) expect(bench.conditions).not.toEqual(before);
    // A ramp may outlive the end by its length.
    await bench.play(5 * minuteMs);
    expect(bench.conditions).toEqual(before);
    expect(await bench.image(catalogue)).toBe(await untouched.image(catalogue));
  });

  it.each(faultKinds)('%s is felt, and users recover after it', async (kind) => {
    const { fault, shows, recoveryMs } = specimens[kind];
    const endMs = 4 * minuteMs;
    const broken = warm.fork({ faults: 'keep', telemetry: false });
    const sound = warm.fork({ faults: 'keep', telemetry: false });
    broken.schedule([fault]);
    for (const twin of [broken, sound]) await twin.advance(3 * minuteMs);
    shows(broken, sound);
    await broken.advance(endMs);
    await broken.rollBack();
    const backMs = endMs + recoveryMs;
    for (const twin of [broken, sound]) await twin.advance(backMs + minuteMs);
    const gap = goodRatio(sound, backMs, Infinity) - goodRatio(broken, backMs, Infinity);
    expect(Math.abs(gap)).toBeLessThan(0.005);
    expect(await imageOf(broken, catalogue)).toBe(await imageOf(sound, catalogue));
    expect(await unreadyOf(broken)).toEqual([]);
  });
});

describe('faults of one kind that overlap end in any order', () => {
  let untouched: FaultBench;
  beforeAll(() => {
    untouched = FaultBench.create();
  });

  /** With the faults at these indexes only, begun as in the full list, none of them ended. */
  async function only(faults: readonly Fault[], indexes: readonly number[]): Promise<FaultBench> {
    const bench = untouched.fork();
    bench.schedule.add(indexes.map((i) => faults[i] as Fault));
    return bench.play(minuteMs);
  }

  it.each<[string, readonly Fault[]]>([
    ['one zone cut off twice', [faultOf({}), faultOf({})]],
    [
      'two zones, one of them twice',
      [faultOf({}), faultOf({ target: 'zone/us-east-1b' }), faultOf({})],
    ],
    [
      'power of a zone and of a node in it',
      [powerLoss('zone/us-east-1a'), powerLoss('node/node-a2')],
    ],
    ['power of a node and of its zone', [powerLoss('node/node-a2'), powerLoss('zone/us-east-1a')]],
    ['delays whose sum is not exact', [delay(0.1), delay(0.2), delay(0.3)]],
    ['load on all and on one journey', [load(2, 0), load(3, 0, 'user/checkout'), load(3, 0)]],
    ['two equal loads', [load(2, 0), load(2, 0)]],
    ['a release over a release', [release('v0.11.0'), release('v0.12.0')]],
    ['three releases', [release('v0.11.0'), release('v0.12.0'), release('v0.13.0')]],
  ])('%s', async (_name, specimen) => {
    await checkOrders(specimen.map((fault, i) => ({ ...fault, startMs: 5000 * i })));
    // And all of them begun in one tick.
    await checkOrders(specimen.map((fault) => ({ ...fault, startMs: 0 })));
  });

  async function checkOrders(faults: readonly Fault[]): Promise<void> {
    for (const order of ordersOf(faults.length)) {
      const bench = untouched.fork();
      bench.schedule.add(
        faults.map((fault, i) => {
          return { ...fault, durationMs: (1 + order.indexOf(i)) * minuteMs - fault.startMs };
        }),
      );
      await bench.play(minuteMs);
      for (let ended = 1; ended <= order.length; ended += 1) {
        await bench.play(ended * minuteMs + 2000);
        const left = order.slice(ended).toSorted();
        const expected = await only(faults, left);
        const label = `ended ${order.slice(0, ended)}, left ${left}`;
        expect(bench.conditions, label).toEqual(expected.conditions);
        expect(await bench.image(catalogue), label).toBe(await expected.image(catalogue));
      }
    }
  }

  it('a release that runs already is followed by the next one, and both are taken back', async () => {
    const original = await untouched.image(catalogue);
    const bench = untouched.fork();
    const asked = (errorRatio: number): Fault =>
      release('v0.11.0', { parameters: { tag: 'v0.11.0', errorRatio } });
    bench.schedule.add([
      { ...asked(0.1), startMs: 0, durationMs: 2 * minuteMs },
      { ...asked(0.4), startMs: 5000, durationMs: 3 * minuteMs - 5000 },
    ]);
    const traits = (tag: string): number | undefined =>
      bench.conditions.releaseTraits.get(`${catalogue}@${tag}`)?.errorRatio;
    await bench.play(minuteMs);
    expect([traits('v0.11.0'), traits('v0.11.1')]).toEqual([0.1, 0.4]);
    expect(await bench.image(catalogue)).toMatch(/:v0\.11\.1$/);
    await bench.play(3 * minuteMs + 2000);
    expect([traits('v0.11.0'), traits('v0.11.1')]).toEqual([undefined, undefined]);
    expect(await bench.image(catalogue)).toBe(original);
  });
});

describe('an edit that the API refuses', () => {
  const gone = { kind: 'Deployment', namespace: 'default', name: 'no-such' } as const;
  const edit = (faultClass: Fault['faultClass']): Fault => ({
    ...faultOf({ kind: 'object_edit', target: `service/${catalogue}`, startMs: 0, faultClass }),
    edits: [{ verb: 'patch', object: gone, patch: { type: 'merge', body: noPods } }],
  });

  it('of a scenario is an error of its author', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([edit('misconfiguration')]);
    await expect(bench.play(1000)).rejects.toThrow(/object_edit on .*no-such/);
  });

  it('of everyday life is given up', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([edit(null)]);
    await expect(bench.play(1000)).resolves.toBe(bench);
  });
});

describe('undoing respects what others did since', () => {
  it('leaves an image alone that somebody rolled back or forward by hand', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([release('v0.11.0', { startMs: 0, durationMs: minuteMs })]);
    await bench.play(30_000);
    const body = {
      spec: { template: { spec: { containers: [{ name: 'server', image: 'other:v9' }] } } },
    };
    const ref = { kind: 'Deployment', namespace: 'default', name: catalogue } as const;
    await bench.control.api.patch(ref, { type: 'strategic', body }, { fieldManager: 'kubectl' });
    await bench.play(2 * minuteMs);
    expect(await bench.image(catalogue)).toBe('other:v9');
    expect(bench.conditions.releaseTraits.size).toBe(0);
  });

  it('delays the pods there were, not those that replaced them', async () => {
    const bench = FaultBench.create();
    const podsOf = (): string[] =>
      bench.control.view.pods.filter((pod) => pod.service === 'redis-cart').map((pod) => pod.uid);
    bench.schedule.add([{ ...delay(300), startMs: 0, durationMs: 2 * minuteMs }]);
    await bench.play(1000);
    const before = podsOf();
    expect([...bench.conditions.podDelayMs.keys()]).toEqual(before);
    const name = bench.control.view.pods.find(({ uid }) => uid === before[0])?.name ?? '';
    const ref = { kind: 'Pod', namespace: 'default', name } as const;
    await bench.control.api.remove(ref, { fieldManager: 'kubectl' });
    await bench.play(minuteMs);
    expect(podsOf()).not.toEqual(before);
    expect([...bench.conditions.podDelayMs.keys()]).toEqual(before);
    await bench.play(3 * minuteMs);
    expect(bench.conditions.podDelayMs.size).toBe(0);
  });

  it('in a fork, without touching the original', async () => {
    const original = FaultBench.create();
    original.schedule.add([
      release('v0.11.0', { startMs: 0, durationMs: 20_000 }),
      release('v0.12.0', { startMs: 1000 }),
    ]);
    await original.play(10_000);
    const fork = await original.fork().play(30_000);
    await fork.rollBack();
    expect(await fork.image(catalogue)).toMatch(/:v0\.10\.2$/);
    expect(await original.image(catalogue)).toMatch(/:v0\.12\.0$/);
    expect(original.conditions.releaseTraits.size).toBe(2);
    original.control.drainChanges();
    await original.rollBack();
    // In the original the first release is still in force when the second is undone.
    const undone = original.control.drainChanges().map((change) => change.release);
    expect(undone).toEqual(['v0.11.0', 'v0.10.2']);
    expect(original.conditions).toEqual(fork.conditions);
  });

  it('of the faults only: a benign release stays', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([
      release('v0.11.0', { startMs: 0, faultClass: null }),
      faultOf({ startMs: 0 }),
    ]);
    await bench.play(10_000);
    expect(() => bench.fork('drop')).toThrow(/network_partition of zone\/us-east-1a.*in force/);
    await bench.rollBack();
    expect(bench.conditions.isolatedZones.size).toBe(0);
    expect(await bench.image(catalogue)).toMatch(/:v0\.11\.0$/);
    expect(() => bench.fork('drop')).not.toThrow();
  });
});

async function imageOf({ cluster }: Twin, name: string): Promise<string | undefined> {
  const answer = await cluster.get({ kind: 'Deployment', namespace: 'default', name });
  return answer.ok ? answer.object.spec?.template.spec?.containers[0]?.image : undefined;
}

async function unreadyOf({ cluster }: Twin): Promise<string[]> {
  const answer = await cluster.list('Deployment');
  if (!answer.ok) throw new Error(answer.status.message);
  return answer.object
    .filter(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1))
    .map(({ metadata }) => metadata?.name ?? '');
}

describe('while the API takes no writes', () => {
  it('a release waits until it can be made, and undoing it still works', async () => {
    const bench = FaultBench.create();
    const outage = faultOf({
      kind: 'component_down',
      target: 'config/control-plane',
      parameters: { component: 'etcd' },
      startMs: 0,
      durationMs: 2 * minuteMs,
    });
    bench.schedule.add([outage, release('v0.11.0', { startMs: minuteMs })]);
    const original = await bench.image(catalogue);
    await bench.play(2 * minuteMs - 5000);
    expect(await bench.image(catalogue)).toBe(original);
    await bench.play(2 * minuteMs + 5000);
    expect(await bench.image(catalogue)).toMatch(/:v0\.11\.0$/);
    await bench.rollBack();
    expect(await bench.image(catalogue)).toBe(original);
  });
});
