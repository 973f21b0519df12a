import type { CallPolicy } from '../cluster-view.ts';
import { serviceOfHost } from './change-events.ts';
import { type Cluster, objectsOf } from './state.ts';
import { at, targetsOf } from './traffic-objects.ts';

/**
 * Circuit breakers, retries and retry budgets per service: DestinationRules (connectionPool,
 * retryBudget) and, over them, BackendTrafficPolicies (circuitBreaker, retry).
 */
export function callPoliciesOf(cluster: Cluster): ReadonlyMap<string, CallPolicy> {
  const policies = new Map<string, CallPolicy>();
  const put = (service: string, policy: CallPolicy): void => {
    if (Object.keys(policy).length === 0) return;
    policies.set(service, { ...policies.get(service), ...policy });
  };
  for (const { spec } of objectsOf(cluster, 'DestinationRule').values()) {
    if (typeof spec?.host === 'string') put(serviceOfHost(spec.host), ofDestinationRule(spec));
  }
  for (const { spec } of objectsOf(cluster, 'BackendTrafficPolicy').values()) {
    for (const service of targetsOf(spec ?? {})) put(service, ofBackendTrafficPolicy(spec));
  }
  return policies;
}

function ofDestinationRule(spec: unknown): CallPolicy {
  const pool = at(spec, ['trafficPolicy', 'connectionPool']);
  const budget = countAt(spec, ['trafficPolicy', 'retryBudget', 'percent']);
  return defined({
    maxRequests:
      countAt(pool, ['http', 'http2MaxRequests']) ?? countAt(pool, ['tcp', 'maxConnections']),
    maxPending: countAt(pool, ['http', 'http1MaxPendingRequests']),
    retryBudget: budget === undefined ? undefined : budget / 100,
  });
}

function ofBackendTrafficPolicy(spec: unknown): CallPolicy {
  const interval = at(spec, ['retry', 'perRetry', 'backOff', 'baseInterval']);
  return defined({
    maxRequests: countAt(spec, ['circuitBreaker', 'maxParallelRequests']),
    maxPending: countAt(spec, ['circuitBreaker', 'maxPendingRequests']),
    retries: countAt(spec, ['retry', 'numRetries']),
    backoffMs: typeof interval === 'string' ? durationMs(interval) : undefined,
  });
}

function countAt(value: unknown, path: readonly string[]): number | undefined {
  const found = at(value, path);
  return typeof found === 'number' && found >= 0 ? found : undefined;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A duration as gateways write it: `250ms`, `1.5s`. */
function durationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  return match ? Number(match[1]) * (unitMs[match[2] as string] as number) : undefined;
}

type Draft = { [Key in keyof CallPolicy]: CallPolicy[Key] | undefined };

/** The fields that are there. */
function defined(draft: Draft): CallPolicy {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
}
