/** A fault of every kind, and what the twin shows of it. */
import { expect } from 'vitest';
import type { Fault, FaultKind } from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { faultOf, goodRatio } from './boutique.ts';
import { impairmentSpecimens, type Specimen } from './impairment-specimens.ts';

const minuteMs = 60_000;
export const catalogue: string = 'productcatalogservice';

export function release(tag: string, changes: Partial<Fault> = {}): Fault {
  const parameters = { tag, errorRatio: 0.3, cpuFactor: 1.2, leakBytesPerSec: 1000 };
  return faultOf({ kind: 'release', target: `service/${catalogue}`, parameters, ...changes });
}

export function delay(delayMs: number): Fault {
  return faultOf({
    kind: 'network_delay',
    target: 'service/redis-cart',
    parameters: { delayMs },
  });
}

export function load(factor: number, rampMs: number, target = 'user/*'): Fault {
  return faultOf({ kind: 'load_factor', target, parameters: { factor, rampMs } });
}

export function powerLoss(target: string): Fault {
  return faultOf({ kind: 'node_power_loss', target });
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
/** What takes all pods of a workload away. */
export const noPods = { spec: { replicas: 0 } };

export const specimens: Readonly<Record<FaultKind, Specimen>> = {
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
