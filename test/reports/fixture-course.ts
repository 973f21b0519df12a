/** Where and when the zone is lost, and what users had of it. */
import type { Topology } from '../../core/observable/index.ts';
import { createDrawKey, uniformAt } from '../../core/tools/index.ts';
import type { Fault, SliSeries } from '../../core/truth/index.ts';

export const minuteMs = 60_000;
export const injectedMs: number = 10 * minuteMs;
export const onsetMs: number = injectedMs + 3_000;
export const recoveredMs: number = injectedMs + 2 * minuteMs + 5_000;
export const durationMs: number = 30 * minuteMs;
const stepMs = 5_000;
export const zone = 'zone/us-east-1a';

export const topology: Topology = {
  name: 'online_boutique',
  entryService: 'frontend',
  services: [
    'adservice',
    'cartservice',
    'checkoutservice',
    'currencyservice',
    'emailservice',
    'frontend',
    'paymentservice',
    'productcatalogservice',
    'recommendationservice',
    'redis-cart',
    'shippingservice',
  ].map((name) => ({
    name,
    namespace: 'default',
    kind: name === 'redis-cart' ? ('datastore' as const) : ('service' as const),
    workload: name,
  })),
  calls: [
    ['frontend', 'adservice'],
    ['frontend', 'recommendationservice'],
    ['frontend', 'productcatalogservice'],
    ['frontend', 'cartservice'],
    ['frontend', 'currencyservice'],
    ['frontend', 'shippingservice'],
    ['frontend', 'checkoutservice'],
    ['checkoutservice', 'productcatalogservice'],
    ['checkoutservice', 'cartservice'],
    ['checkoutservice', 'currencyservice'],
    ['checkoutservice', 'shippingservice'],
    ['checkoutservice', 'paymentservice'],
    ['checkoutservice', 'emailservice'],
    ['recommendationservice', 'productcatalogservice'],
    ['cartservice', 'redis-cart'],
  ].map(([from, to]) => ({ from: from as string, to: to as string })),
  nodes: ['a', 'b', 'c'].flatMap((letter) =>
    [1, 2, 3].map((n) => ({
      name: `node-${letter}${n}`,
      zone: `us-east-1${letter}`,
      region: 'us-east-1',
    })),
  ),
};

export const faults: readonly Fault[] = (['network_partition', 'node_power_loss'] as const).map(
  (kind) => ({
    kind,
    target: zone,
    startMs: injectedMs,
    durationMs: null,
    parameters: {},
    faultClass: 'zone_outage',
  }),
);

type Loss = (atMs: number) => number;
export const noLoss: Loss = () => 0;
export const unhealedLoss: Loss = (atMs) => {
  if (atMs < injectedMs) return 0;
  return atMs < injectedMs + 6 * minuteMs ? 0.34 : 0.13;
};
export const healedLoss: Loss = (atMs) => {
  if (atMs < injectedMs || atMs >= recoveredMs) return 0;
  if (atMs < injectedMs + 30_000) return 0.34;
  return (0.12 * (recoveredMs - atMs)) / (recoveredMs - injectedMs - 30_000);
};

export function sliSeries(loss: Loss): SliSeries {
  const journeys = ['browse', 'add_to_cart', 'checkout'];
  const buckets = durationMs / stepMs;
  const key = createDrawKey(1007, 'fixture');
  const table = (cell: (j: number, i: number) => number): number[][] =>
    journeys.map((_, j) => Array.from({ length: buckets }, (_, i) => cell(j, i)));
  const lossAt = (j: number, i: number): number => loss(i * stepMs) * (0.85 + 0.15 * j);
  const offered = table((j, i) =>
    Math.round(
      [300, 120, 40][j]! * (1 + 0.08 * Math.sin(i / 45) + 0.1 * (uniformAt(key, j, i) - 0.5)),
    ),
  );
  return {
    startMs: 0,
    stepMs,
    journeys,
    offered,
    good: table((j, i) => Math.round(offered[j]![i]! * (0.9992 - lossAt(j, i)))),
    latencyMsP95: table((j, i) => {
      const noise = 1 + 0.12 * (uniformAt(key, 7 + j, i) - 0.5);
      return Math.round([62, 95, 240][j]! * noise * (1 + 22 * lossAt(j, i)) * 10) / 10;
    }),
  };
}
