import type {
  ReferenceCall,
  ReferenceNetwork,
  ReferenceService,
  ReferenceUsers,
} from '../reference/network.ts';
import type { ServiceLaw } from '../reference/service-law.ts';
import type { Discipline } from '../reference/station.ts';

/** A time-out that never comes. */
export const patient: number = Number.POSITIVE_INFINITY;
const exponential: ServiceLaw = { kind: 'exponential' };
const oneServer: Discipline = { kind: 'fcfs', servers: 1 };

/** Three one-core replicas of 10 ms per request. */
export function service(name: string, changes: Partial<ReferenceService> = {}): ReferenceService {
  return {
    name,
    replicas: 3,
    discipline: oneServer,
    cpuMs: 10,
    law: exponential,
    errorRatio: 0,
    concurrencyMax: patient,
    calls: [],
    ...changes,
  };
}

function call(name: string, changes: Partial<ReferenceCall> = {}): ReferenceCall {
  return { service: name, count: 1, timeoutMs: patient, retries: 0, ...changes };
}

export interface FanOut {
  readonly requestsPerSec: number;
  readonly all?: Partial<ReferenceService>;
  readonly front?: Partial<ReferenceService>;
  readonly cart?: Partial<ReferenceService>;
  readonly cartCall?: Partial<ReferenceCall>;
  readonly stockCall?: Partial<ReferenceCall>;
  readonly users?: Partial<ReferenceUsers>;
}

/** front (4 ms) calls cart (10 ms), then stock (6 ms); three one-core replicas each. */
export function fanOut(parts: FanOut): ReferenceNetwork {
  const calls = [call('cart', parts.cartCall), call('stock', parts.stockCall)];
  return {
    services: [
      service('front', { cpuMs: 4, calls, ...parts.all, ...parts.front }),
      service('cart', { ...parts.all, ...parts.cart }),
      service('stock', { cpuMs: 6, ...parts.all }),
    ],
    users: {
      service: 'front',
      requestsPerSec: parts.requestsPerSec,
      timeoutMs: patient,
      retries: 0,
      ...parts.users,
    },
  };
}

/** The q-quantile of cart's time when it is utilised so. */
export const cartQuantileMs = (utilisation: number, q: number): number =>
  (-Math.log(1 - q) * 10) / (1 - utilisation);
