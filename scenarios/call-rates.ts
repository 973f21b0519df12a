import type { CallSpec, OperationSpec, TwinSpec } from '../core/truth/index.ts';

/** Requests per second of each operation in good health, keyed `service/operation`. */
export function callRates(spec: TwinSpec): Map<string, number> {
  const operations = indexOperations(spec);
  const rates = new Map<string, number>();
  const add = (key: string, rate: number): void => {
    rates.set(key, (rates.get(key) ?? 0) + rate);
  };
  const weights = spec.journeys.reduce((sum, { weight }) => sum + weight, 0);
  for (const journey of spec.journeys) {
    add(keyOf(journey), (spec.workload.requestsPerSec * journey.weight) / weights);
  }
  for (const key of callersFirst(operations)) {
    const rate = rates.get(key);
    if (rate === undefined) continue;
    for (const call of operations.get(key)?.calls ?? []) add(keyOf(call), rate * call.count);
  }
  return rates;
}

/** The operations' keys, callers before callees; there must be no circle of calls. */
export function callersFirst(operations: ReadonlyMap<string, OperationSpec>): readonly string[] {
  const calleesFirst = new Set<string>();
  const visit = (key: string): void => {
    if (calleesFirst.has(key)) return;
    for (const call of operations.get(key)?.calls ?? []) visit(keyOf(call));
    calleesFirst.add(key);
  };
  for (const key of operations.keys()) visit(key);
  return [...calleesFirst].reverse();
}

/** The operations of a circle of calls, its first repeated at the end; null when there is none. */
export function findCallCycle(spec: TwinSpec): string[] | null {
  const operations = indexOperations(spec);
  const finished = new Set<string>();
  const visit = (key: string, path: readonly string[]): string[] | null => {
    const start = path.indexOf(key);
    if (start >= 0) return [...path.slice(start), key];
    if (finished.has(key)) return null;
    for (const call of operations.get(key)?.calls ?? []) {
      const cycle = visit(keyOf(call), [...path, key]);
      if (cycle) return cycle;
    }
    finished.add(key);
    return null;
  };
  for (const key of operations.keys()) {
    const cycle = visit(key, []);
    if (cycle) return cycle;
  }
  return null;
}

/** Every operation by its key. */
export function indexOperations(spec: TwinSpec): Map<string, OperationSpec> {
  return new Map(
    spec.services.flatMap(({ name, operations }) =>
      operations.map((operation) => [`${name}/${operation.name}`, operation] as const),
    ),
  );
}

/** The key of the operation that a call or journey leads to. */
export function keyOf({ service, operation }: Pick<CallSpec, 'service' | 'operation'>): string {
  return `${service}/${operation}`;
}
