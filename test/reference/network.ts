import type { ServiceLaw } from './service-law.ts';
import type { Discipline } from './station.ts';

/** One synchronous call of a service's operation; calls are made one after the other. */
export interface ReferenceCall {
  readonly service: string;
  /**
   * Mean number per request: the whole part is made always, one more with the rest's probability.
   */
  readonly count: number;
  /** The caller goes on after this; the callee does not notice and finishes its work. */
  readonly timeoutMs: number;
  /** Further attempts, at once, each at a replica drawn anew. */
  readonly retries: number;
}

/** Identical replicas behind random load balancing; one operation each. */
export interface ReferenceService {
  readonly name: string;
  readonly replicas: number;
  readonly discipline: Discipline;
  readonly cpuMs: number;
  readonly law: ServiceLaw;
  /** Share of requests that fail on their own account after their CPU work. */
  readonly errorRatio: number;
  /** Requests in a replica, from arrival to answer, beyond which it refuses at once. */
  readonly concurrencyMax: number;
  readonly calls: readonly ReferenceCall[];
}

/** Users who arrive as a Poisson stream, give up on an attempt after a while, and may try again. */
export interface ReferenceUsers {
  readonly service: string;
  readonly requestsPerSec: number;
  readonly timeoutMs: number;
  readonly retries: number;
}

export interface ReferenceNetwork {
  readonly services: readonly ReferenceService[];
  readonly users: ReferenceUsers;
}
