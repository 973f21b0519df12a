import type { OperationSpec, TwinSpec } from '../../core/truth/index.ts';
import { callRates } from '../../scenarios/index.ts';

/**
 * How far one fitted figure is from the one behind the data; `error` is fitted over true, less one.
 */
export interface Recovered {
  readonly what:
    | 'cpu ms/request'
    | 'wait ms/request'
    | 'cpu + wait ms/request'
    | 'calls/request'
    | 'requests/s'
    | 'journey share'
    | 'memory base'
    | 'one-way ms';
  /** A service, edge, journey or part of the cluster. */
  readonly where: string;
  readonly truth: number;
  readonly fitted: number;
  readonly error: number;
}

type Rates = ReadonlyMap<string, number>;

/**
 * Compares a fitted topology with the one that made the data, for runs of the twin. CPU and waiting
 * times and calls are means over a service's operations, weighted by each one's traffic in the true
 * topology; every service, edge and journey has its row. Waiting has one where there is any; where
 * there is none, a fitted wait shows in the sum with CPU time. A call nobody makes has error 1.
 */
export function compareTopologies(fitted: TwinSpec, truth: TwinSpec): Recovered[] {
  const rows: Recovered[] = [];
  const add = (what: Recovered['what'], where: string, pair: readonly [number, number]): void => {
    const [real, found] = pair;
    if (real === 0 && found === 0) return;
    const error = real === 0 ? 1 : found / real - 1;
    rows.push({ what, where, truth: real, fitted: found, error });
  };
  const rates = callRates(truth);
  add('requests/s', 'users', [truth.workload.requestsPerSec, fitted.workload.requestsPerSec]);
  for (const journey of truth.journeys) {
    const found = fitted.journeys.find(
      ({ service, operation }) => service === journey.service && operation === journey.operation,
    );
    const share = (weight: number, { journeys }: TwinSpec): number =>
      weight / journeys.reduce((sum, one) => sum + one.weight, 0);
    const pair = [share(journey.weight, truth), share(found?.weight ?? 0, fitted)] as const;
    add('journey share', journey.name, pair);
  }
  for (const service of truth.services) {
    const found = fitted.services.find(({ name }) => name === service.name);
    const meanOf = (operations: readonly OperationSpec[], read: Read): number =>
      weightedMean(service.name, operations, rates, read);
    const pairOf = (read: Read): readonly [number, number] => [
      meanOf(service.operations, read),
      meanOf(found?.operations ?? [], read),
    ];
    add(
      'cpu ms/request',
      service.name,
      pairOf(({ cpuMs }) => cpuMs),
    );
    const waits = pairOf(({ waitMs }) => waitMs);
    if (waits[0] > 0) add('wait ms/request', service.name, waits);
    const both = pairOf(({ cpuMs, waitMs }) => cpuMs + waitMs);
    add('cpu + wait ms/request', service.name, both);
    add('memory base', service.name, [service.memory.baseBytes, found?.memory.baseBytes ?? 0]);
    const callees = service.operations.flatMap(({ calls }) => calls.map((call) => call.service));
    const foundCallees =
      found?.operations.flatMap(({ calls }) => calls.map((c) => c.service)) ?? [];
    for (const callee of new Set([...callees, ...foundCallees])) {
      const pair = pairOf(({ calls }) => callsTo(calls, callee));
      add('calls/request', `${service.name} -> ${callee}`, pair);
    }
  }
  add('one-way ms', 'same zone', [truth.network.sameZoneMs, fitted.network.sameZoneMs]);
  add('one-way ms', 'cross zone', [truth.network.crossZoneMs, fitted.network.crossZoneMs]);
  return rows;
}

type Read = (operation: OperationSpec) => number;

function callsTo(calls: OperationSpec['calls'], callee: string): number {
  return calls.reduce((sum, { service, count }) => sum + (service === callee ? count : 0), 0);
}

function weightedMean(
  service: string,
  operations: readonly OperationSpec[],
  rates: Rates,
  read: Read,
): number {
  let sum = 0;
  let weight = 0;
  for (const operation of operations) {
    const rate = rates.get(`${service}/${operation.name}`) ?? 0;
    sum += rate * read(operation);
    weight += rate;
  }
  return weight > 0 ? sum / weight : 0;
}
