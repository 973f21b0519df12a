import type { OperationSpec, TwinSpec } from '../core/truth/index.ts';
import { callersFirst, callRates, indexOperations, keyOf } from './call-rates.ts';
import { expectedUtilization } from './expected-utilization.ts';
import { quotaWait } from './quota-wait.ts';

/** Mean and variance of a time, in ms and ms². */
export interface Moments {
  readonly meanMs: number;
  readonly varianceMs2: number;
}

/** Squared coefficient of variation of waiting that uses no CPU. */
const waitScv = 0.5;

/**
 * Response time of each operation in good health, keyed `service/operation`: one worker under a CFS
 * quota below one core, a pool of workers above (Sakasegawa's approximation), calls one after the
 * other, pods spread evenly over zones. Within a fifth of what the twin shows up to utilisation
 * 0.6.
 */
export function expectedLatencies(spec: TwinSpec): Map<string, Moments> {
  const operations = indexOperations(spec);
  const stations = describeStations(spec);
  const networkMs = roundTripMs(spec);
  const latencies = new Map<string, Moments>();
  for (const key of [...callersFirst(operations)].reverse()) {
    const operation = operations.get(key) as OperationSpec;
    const station = stations.get(key.slice(0, key.indexOf('/'))) as Station;
    let { meanMs, varianceMs2 } = ownTime(operation, station);
    for (const call of operation.calls) {
      const callee = latencies.get(keyOf(call)) as Moments;
      const onceMs = callee.meanMs + networkMs;
      const further = call.count - Math.floor(call.count);
      meanMs += call.count * onceMs;
      varianceMs2 += call.count * callee.varianceMs2 + further * (1 - further) * onceMs * onceMs;
    }
    latencies.set(key, { meanMs, varianceMs2 });
  }
  return latencies;
}

/** The 95th percentile of a time with these moments, taken as gamma (Wilson and Hilferty). */
export function percentile95Ms({ meanMs, varianceMs2 }: Moments): number {
  if (varianceMs2 <= 0) return meanMs;
  const ninth = varianceMs2 / (9 * meanMs * meanMs);
  const root = 1 - ninth + 1.645 * Math.sqrt(ninth);
  return meanMs * root * root * root;
}

interface Station {
  readonly waitMs: number;
  readonly waitVarianceMs2: number;
}

function describeStations(spec: TwinSpec): Map<string, Station> {
  const rates = callRates(spec);
  const loads = expectedUtilization(spec);
  return new Map(
    spec.services.map(({ name, operations }, s) => {
      const { limitCores, replicas, utilization } = loads[s] as (typeof loads)[number];
      const cores = limitCores === null ? 1 : limitCores / replicas;
      let requests = 0;
      let workMs = 0;
      let squares = 0;
      for (const { name: operation, cpuMs, scv } of operations) {
        const rate = rates.get(`${name}/${operation}`) ?? 0;
        requests += rate;
        workMs += rate * cpuMs;
        squares += rate * cpuMs * cpuMs * (1 + scv);
      }
      const used = Math.min(0.98, utilization ?? 0);
      if (requests === 0 || used === 0) return [name, { waitMs: 0, waitVarianceMs2: 0 }];
      const serviceMs = workMs / requests;
      const variability = squares / requests / (serviceMs * serviceMs) / 2;
      if (cores < 1) {
        const scv = Math.max(0, 2 * variability - 1);
        const wait = quotaWait({ utilization: used, serviceMs, scv, cores });
        return [name, { waitMs: wait.meanMs, waitVarianceMs2: wait.varianceMs2 }];
      }
      const power = Math.exp((Math.sqrt(2 * (cores + 1)) - 1) * Math.log(Math.max(used, 1e-9)));
      const waitMs = (variability * serviceMs * power) / (cores * (1 - used));
      return [name, { waitMs, waitVarianceMs2: 2 * waitMs * waitMs }];
    }),
  );
}

function ownTime(operation: OperationSpec, { waitMs, waitVarianceMs2 }: Station): Moments {
  return {
    meanMs: operation.cpuMs + waitMs + operation.waitMs,
    varianceMs2:
      operation.cpuMs * operation.cpuMs * operation.scv +
      waitVarianceMs2 +
      waitScv * operation.waitMs * operation.waitMs,
  };
}

/** There and back, between pods spread evenly over the zones. */
function roundTripMs({ nodes, network }: TwinSpec): number {
  const zones = Math.max(1, new Set(nodes.map(({ zone }) => zone)).size);
  return (2 * (network.sameZoneMs + (zones - 1) * network.crossZoneMs)) / zones;
}
