import type { CallDetails } from './span-record.ts';

/** What many requests showed of one operation of one service. */
export interface OperationStatistics {
  readonly service: string;
  readonly operation: string;
  /** Responses, good and bad, in traces that are whole. */
  spans: number;
  /** Those that entered the system here. */
  entries: number;
  /** Failures that no failed call explains. */
  ownFailures: number;
  /** Time in the process itself, of good responses, ms. */
  readonly selfMs: number[];
  /** Whole good responses, ms. */
  readonly durationsMs: number[];
  /** Which calls good responses made, in order: how often each order was seen. */
  readonly orders: Map<string, CallOrder>;
  /** Per callee key, what its attempts told. */
  readonly callees: Map<string, CalleeStatistics>;
  /** Calls that ran beside another one, and all calls, in ms of call time. */
  overlappedMs: number;
  calledMs: number;
  /** What callers' spans say of it. */
  category: CallDetails['category'];
  statement: string | null;
  /** Seen only from the caller's side. */
  readonly isOutside: boolean;
}

/** Runs of calls to one callee each, and how many requests made them in this order. */
export interface CallOrder {
  readonly callees: readonly string[];
  readonly countSums: number[];
  readonly countSquares: number[];
  requests: number;
}

export interface CalleeStatistics {
  attempts: number;
  failedAttempts: number;
  /** Failures after which the caller tried again, and the highest number of a retry. */
  retriedFailures: number;
  resendMax: number;
  /** Logical calls that failed in the end, and whether the caller still answered well. */
  failedCalls: number;
  survivedFailures: number;
  readonly timeoutsMs: number[];
  longestMs: number;
}

/** `service/operation`. */
export function operationKey(service: string, operation: string): string {
  return `${service}/${operation}`;
}

/** Services have no slash in their names; operations may. */
export function serviceOfKey(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

/** Of which nothing has been seen yet. */
export function createOperationStatistics(
  service: string,
  operation: string,
  isOutside: boolean,
): OperationStatistics {
  return {
    service,
    operation,
    spans: 0,
    entries: 0,
    ownFailures: 0,
    selfMs: [],
    durationsMs: [],
    orders: new Map(),
    callees: new Map(),
    overlappedMs: 0,
    calledMs: 0,
    category: 'cpu',
    statement: null,
    isOutside,
  };
}

/** What a caller knows of a callee, from the first look on. */
export function calleeStatistics(caller: OperationStatistics, key: string): CalleeStatistics {
  const known = caller.callees.get(key);
  if (known) return known;
  const created: CalleeStatistics = {
    attempts: 0,
    failedAttempts: 0,
    retriedFailures: 0,
    resendMax: 0,
    failedCalls: 0,
    survivedFailures: 0,
    timeoutsMs: [],
    longestMs: 0,
  };
  caller.callees.set(key, created);
  return created;
}

/** Counts the runs of calls of one good response; null is a callee that nothing tells. */
export function addOrder(statistics: OperationStatistics, keys: readonly (string | null)[]): void {
  const callees: string[] = [];
  const counts: number[] = [];
  for (const key of keys) {
    if (key === null) continue;
    if (callees.at(-1) === key) counts[counts.length - 1] = (counts.at(-1) as number) + 1;
    else {
      callees.push(key);
      counts.push(1);
    }
  }
  const id = callees.join('\n');
  let order = statistics.orders.get(id);
  if (!order) {
    const zeros = callees.map(() => 0);
    order = { callees, countSums: zeros, countSquares: [...zeros], requests: 0 };
    statistics.orders.set(id, order);
  }
  order.requests += 1;
  counts.forEach((count, i) => {
    (order.countSums[i] as number) += count;
    (order.countSquares[i] as number) += count * count;
  });
}
