/** A small world by hand: frontend → cart → redis, frontend → ads (optional), three zones. */
import type { KubernetesObject } from '../../../core/observable/index.ts';
import type {
  CallSpec,
  JourneySpec,
  OperationSpec,
  ServiceSpec,
  TwinSpec,
} from '../../../core/truth/index.ts';

export const gibibyte: number = 1024 * 1024 * 1024;
export const zones: readonly string[] = ['zone-a', 'zone-b', 'zone-c'];

function call(service: string, operation: string, rest: Partial<CallSpec> = {}): CallSpec {
  const usual = { count: 1, timeoutMs: 2000, retries: 0, optional: false };
  return { service, operation, ...usual, ...rest };
}

function operation(name: string, rest: Partial<OperationSpec>): OperationSpec {
  return {
    name,
    cpuMs: 5,
    waitMs: 1,
    scv: 1,
    errorRatio: 0.001,
    category: 'cpu',
    statement: null,
    calls: [],
    ...rest,
  };
}

function service(name: string, operations: readonly OperationSpec[]): ServiceSpec {
  return {
    name,
    namespace: 'shop',
    kind: name === 'redis' ? 'datastore' : 'service',
    workload: name,
    startupMs: 4000,
    coldFactor: 0,
    coldMs: 1000,
    concurrencyMax: 200,
    memory: { baseBytes: 0.25 * gibibyte, perInFlightBytes: 0 },
    operations,
  };
}

function journey(name: string, rest: Partial<JourneySpec>): JourneySpec {
  return {
    name,
    service: 'frontend',
    operation: '',
    weight: 1,
    latencySloMs: 500,
    timeoutMs: 5000,
    retries: 0,
    itemType: null,
    ...rest,
  };
}

export function createSpec(): TwinSpec {
  const cartPort: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { ports: [{ port: 7070 }] },
  };
  const home = operation('GET /', {
    cpuMs: 6,
    calls: [
      call('cart', 'Cart/GetCart', { count: 1.5, retries: 1 }),
      call('ads', 'Ads/Get', { optional: true, timeoutMs: 300 }),
    ],
  });
  const checkout = operation('POST /checkout', {
    cpuMs: 8,
    calls: [call('cart', 'Cart/GetCart', { count: 2, retries: 1 })],
  });
  const getCart = operation('Cart/GetCart', { calls: [call('redis', 'HGETALL', { count: 2 })] });
  const read = operation('HGETALL', { cpuMs: 1, category: 'db', statement: 'HGETALL cart:?' });
  return {
    name: 'small',
    objects: [cartPort],
    nodes: zones.map((zone, i) => ({
      name: `node-${i}`,
      zone,
      region: 'region-1',
      cpuCores: 4,
      memoryBytes: 16 * gibibyte,
      labels: {},
    })),
    services: [
      service('frontend', [home, checkout]),
      service('cart', [getCart]),
      service('ads', [operation('Ads/Get', { cpuMs: 30 })]),
      service('redis', [read]),
    ],
    journeys: [
      journey('browse', { operation: 'GET /', weight: 3 }),
      journey('checkout', { operation: 'POST /checkout', weight: 1, itemType: 'order' }),
    ],
    workload: {
      requestsPerSec: 40,
      dailySwing: 0,
      peakHour: 12,
      noiseSd: 0,
      noiseSlope: 1.4,
      dispersion: 1,
      crowdsPerDay: 0,
      largestCrowd: 0,
      happeningsPerHour: 0,
      recording: null,
    },
    network: { sameZoneMs: 0.2, crossZoneMs: 0.6 },
  };
}
