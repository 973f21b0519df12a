import { describe, expect, it } from 'vitest';
import { createLocalizer } from '../../rca/index.ts';
import { buildEvidence, createRelease, type EvidenceOptions } from './evidence-builder.ts';
import type { Happening } from './small-shop.ts';

const combined = createLocalizer('combined');
const startMs = 560_000;

interface Case {
  readonly name: string;
  readonly happening: Omit<Happening, 'startMs'> & { readonly startMs?: number };
  readonly options?: EvidenceOptions;
  readonly component: string;
  readonly faultClass: string;
  readonly action: string;
}

const cases: readonly Case[] = [
  {
    name: 'a zone whose nodes fall silent and whose callers time out',
    happening: {
      lostNodes: ['zone-a-n1', 'zone-a-n2'],
      errorRatio: { cart: 0.3, catalog: 0.3, payment: 0.3 },
      logs: [{ service: 'frontend', body: 'connection timeout: dial tcp cart:7070: i/o timeout' }],
    },
    component: 'zone/zone-a',
    faultClass: 'zone_outage',
    action: 'traffic_shift zone/zone-a',
  },
  {
    name: 'one silent node',
    happening: { lostNodes: ['zone-b-n1'], errorRatio: { cart: 0.1, catalog: 0.1 } },
    options: { atMs: 630_000 },
    component: 'node/zone-b-n1',
    faultClass: 'node_outage',
    action: 'cordon node/zone-b-n1',
  },
  {
    name: 'a node that drops packets, felt by services everywhere',
    happening: {
      packetLoss: { 'zone-b-n1': 0.15 },
      errorRatio: { cart: 0.05 },
      ownDelayMs: { cart: 200, catalog: 200 },
    },
    component: 'node/zone-b-n1',
    faultClass: 'network_loss',
    action: 'cordon node/zone-b-n1',
  },
  {
    name: 'a zone whose nodes all drop packets',
    happening: {
      packetLoss: { 'zone-c-n1': 0.1, 'zone-c-n2': 0.08 },
      ownDelayMs: { cart: 200, catalog: 200, checkout: 200 },
    },
    component: 'zone/zone-c',
    faultClass: 'network_loss',
    action: 'traffic_shift zone/zone-c',
  },
  {
    name: 'a slow way to the data store',
    happening: { pathDelayMs: { 'redis-cart': 500 } },
    component: 'service/redis-cart',
    faultClass: 'network_latency',
    action: 'restart default/deployment/redis-cart',
  },
  {
    name: 'a slow way to the data store behind a caller that starts to reject',
    happening: { pathDelayMs: { 'redis-cart': 500 }, errorRatio: { cart: 0.2 } },
    component: 'service/redis-cart',
    faultClass: 'network_latency',
    action: 'restart default/deployment/redis-cart',
  },
  {
    name: 'a release that fails requests, beside an innocent later deploy',
    happening: { errorRatio: { checkout: 0.2 } },
    options: { changes: [createRelease('checkout', 540_000), createRelease('catalog', 570_000)] },
    component: 'service/checkout',
    faultClass: 'bad_release',
    action: 'rollback default/deployment/checkout',
  },
  {
    name: 'a release that leaks memory',
    happening: { startMs: 200_000, leakPerMinute: { payment: 0.08 } },
    options: { changes: [createRelease('payment', 190_000)] },
    component: 'service/payment',
    faultClass: 'memory_exhaustion',
    action: 'rollback default/deployment/payment',
  },
  {
    name: 'containers killed for memory',
    happening: {
      outOfMemory: ['payment'],
      errorRatio: { payment: 0.1 },
      logs: [{ service: 'checkout', body: 'dial tcp payment:50051: connect: connection refused' }],
    },
    component: 'service/payment',
    faultClass: 'memory_exhaustion',
    action: 'restart default/deployment/payment',
  },
  {
    name: 'a flash crowd that saturates services',
    happening: {
      load: { '*': 3 },
      cpu: { cart: 0.98, frontend: 0.95 },
      ownDelayMs: { cart: 300, frontend: 200 },
      errorRatio: { cart: 0.2 },
    },
    component: 'user/*',
    faultClass: 'load_surge',
    action: 'scale_up default/deployment/cart',
  },
  {
    name: 'a flash crowd on one journey',
    happening: { load: { buy: 3 }, ownDelayMs: { checkout: 50 } },
    component: 'user/buy',
    faultClass: 'load_surge',
    action: 'rate_limit default/deployment/frontend',
  },
  {
    name: 'a service out of CPU under ordinary load',
    happening: { ownDelayMs: { catalog: 400 }, cpu: { catalog: 0.99 } },
    component: 'service/catalog',
    faultClass: 'cpu_saturation',
    action: 'scale_up default/deployment/catalog',
  },
];

describe('combined localizer', () => {
  for (const { name, happening, options, component, faultClass, action } of cases) {
    for (const seed of [1, 2]) {
      it(`names ${component} for ${name} (seed ${seed})`, () => {
        const [first] = combined.rank(
          buildEvidence({ ...options, seed, happening: { startMs, ...happening } }),
        );
        expect(first?.component).toBe(component);
        expect(first?.faultClass).toBe(faultClass);
        expect(first?.why).not.toBe('');
        const actions = first?.suggestedActions.map(({ kind, target }) => `${kind} ${target}`);
        expect(actions).toContain(action);
      });
    }
  }

  it('stays silent when nothing stands out, even after a deploy', () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const evidence = buildEvidence({ seed, changes: [createRelease('cart', 500_000)] });
      expect(combined.rank(evidence)).toEqual([]);
    }
  });

  it('accuses nobody when all scraping pauses', () => {
    const everyNode = buildEvidence().topology.nodes.map(({ name }) => name);
    const evidence = buildEvidence({ happening: { startMs: 590_000, lostNodes: everyNode } });
    expect(combined.rank(evidence)).toEqual([]);
  });

  it('calls a zone whose nodes stay Ready past the grace period partitioned', () => {
    const lostNodes = ['zone-c-n1', 'zone-c-n2'];
    const evidence = buildEvidence({
      happening: { startMs, lostNodes, nodesStayReady: true },
      atMs: 690_000,
    });
    const [first] = combined.rank(evidence);
    expect(first?.component).toBe('zone/zone-c');
    expect(first?.faultClass).toBe('network_partition');
  });

  it('still names a zone that has been dark for half an hour', () => {
    const lostNodes = ['zone-c-n1', 'zone-c-n2'];
    const evidence = buildEvidence({ happening: { startMs, lostNodes }, atMs: 2_400_000 });
    expect(combined.rank(evidence)[0]?.component).toBe('zone/zone-c');
  });

  it('believes the first scrape of a surge of all users', () => {
    const evidence = buildEvidence({ happening: { startMs: 590_000, load: { '*': 1.8 } } });
    expect(combined.rank(evidence)[0]).toMatchObject({
      component: 'user/*',
      faultClass: 'load_surge',
    });
  });

  it('takes further attempts of failed requests for no surge', () => {
    const evidence = buildEvidence({
      happening: { startMs, load: { '*': 1.5 }, errorRatio: { catalog: 0.5 } },
    });
    expect(combined.rank(evidence)[0]?.component).toBe('service/catalog');
  });

  it('looks at the last five minutes of a long incident', () => {
    const evidence = buildEvidence({
      openedAtMs: 600_000,
      atMs: 1_500_000,
      happening: { startMs: 1_450_000, errorRatio: { payment: 0.3 } },
    });
    expect(combined.rank(evidence)[0]?.component).toBe('service/payment');
  });
});
