import { assert, InputError } from '../../core/tools/index.ts';
import type {
  CallSpec,
  JourneySpec,
  OperationSpec,
  ServiceSpec,
  TwinSpec,
} from '../../core/truth/index.ts';
import { type Columns, createColumns } from './columns.ts';

/** One call of one operation, with its numbers resolved. */
export interface GraphCall {
  readonly spec: CallSpec;
  readonly caller: number;
  readonly callee: number;
  readonly edge: number;
}

const callFields = ['timeoutMs', 'count', 'retries', 'backoffMs', 'retryBudget'] as const;
const workFields = ['cpuMs', 'waitMs', 'scv', 'errorRatio'] as const;

/** Who calls whom, with dense numbers for everything; never changes after construction. */
export interface CallGraph {
  readonly zones: readonly string[];
  readonly services: readonly ServiceSpec[];
  readonly serviceNumber: ReadonlyMap<string, number>;
  readonly operations: readonly OperationSpec[];
  readonly operationService: Int32Array;
  /** What the specs say of operations, where many are read one after the other. */
  readonly work: Columns<(typeof workFields)[number]>;
  /**
   * Per service: requests that a pod holds at most, and 1 where a thread each runs them at once.
   */
  readonly concurrencyMax: Float64Array;
  readonly isShared: Uint8Array;
  /** A service's operations are `firstOperation[s] … firstOperation[s + 1] − 1`. */
  readonly firstOperation: Int32Array;
  readonly calls: readonly GraphCall[];
  /** An operation's calls are `firstCall[o] … firstCall[o + 1] − 1`, in order. */
  readonly firstCall: Int32Array;
  /**
   * What the specs say of calls, likewise (without a budget it is infinite); 1 where a call is
   * optional, or has a pool.
   */
  readonly perCall: Columns<(typeof callFields)[number]>;
  readonly isOptional: Uint8Array;
  readonly isPooled: Uint8Array;
  /** The operation that each call is for, and the edge it goes along. */
  readonly callee: Int32Array;
  readonly callEdge: Int32Array;
  /** Callers before callees. */
  readonly order: Int32Array;
  readonly journeys: readonly JourneySpec[];
  readonly journeyOperation: Int32Array;
  /** Service pairs with calls between them, in order of appearance. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  /** By `from->to`. */
  readonly edgeNumber: ReadonlyMap<string, number>;
  /** The services that call each service. */
  readonly callers: readonly Int32Array[];
}

/** Numbers the spec's parts; refuses calls to nowhere and operations that call themselves. */
export function createCallGraph(spec: TwinSpec): CallGraph {
  const { services, journeys } = spec;
  const operations: OperationSpec[] = [];
  const operationService: number[] = [];
  const firstOperation = new Int32Array(services.length + 1);
  const numbers = new Map<string, number>();
  services.forEach((service, s) => {
    for (const operation of service.operations) {
      numbers.set(`${service.name} ${operation.name}`, operations.length);
      operations.push(operation);
      operationService.push(s);
    }
    firstOperation[s + 1] = operations.length;
  });
  const find = (who: string, service: string, operation: string): number => {
    const found = numbers.get(`${service} ${operation}`);
    if (found !== undefined) return found;
    throw new InputError(`${who} calls ${service}/${operation}, which no service offers`, {
      hint: 'declare the operation under services, or correct the name',
    });
  };
  const nameOf = (o: number): string => {
    const service = services[operationService[o] as number] as ServiceSpec;
    return `${service.name}/${(operations[o] as OperationSpec).name}`;
  };
  const { calls, firstCall, edges } = numberCalls({
    services,
    operations,
    operationService,
    find,
    nameOf,
  });
  return {
    zones: [...new Set(spec.nodes.map((node) => node.zone))].sort(),
    services,
    serviceNumber: new Map(services.map((service, s) => [service.name, s])),
    operations,
    operationService: Int32Array.from(operationService),
    work: readColumns(workFields, operations),
    concurrencyMax: Float64Array.from(services, (service) => service.concurrencyMax),
    isShared: Uint8Array.from(services, ({ threading }) =>
      threading === 'thread_per_request' ? 1 : 0,
    ),
    firstOperation,
    calls,
    firstCall,
    perCall: readColumns(
      callFields,
      calls.map(({ spec }) => ({
        ...spec,
        backoffMs: spec.backoffMs ?? 0,
        retryBudget: spec.retryBudget ?? Number.POSITIVE_INFINITY,
      })),
    ),
    isOptional: Uint8Array.from(calls, ({ spec }) => (spec.optional ? 1 : 0)),
    isPooled: Uint8Array.from(calls, ({ spec }) => (spec.poolSize === undefined ? 0 : 1)),
    callee: Int32Array.from(calls, (call) => call.callee),
    callEdge: Int32Array.from(calls, (call) => call.edge),
    order: callersFirst({ count: operations.length, calls, firstCall, nameOf }),
    journeys,
    journeyOperation: Int32Array.from(journeys, (journey) =>
      find(`journey ${journey.name}`, journey.service, journey.operation),
    ),
    edges,
    edgeNumber: new Map(edges.map(({ from, to }, e) => [`${from}->${to}`, e])),
    callers: findCallers(services, edges),
  };
}

function readColumns<Field extends string>(
  fields: readonly Field[],
  rows: readonly Readonly<Record<Field, number>>[],
): Columns<Field> {
  const columns = createColumns(fields, rows.length);
  rows.forEach((row, i) => {
    for (const field of fields) columns[field][i] = row[field];
  });
  return columns;
}

function findCallers(
  services: readonly ServiceSpec[],
  edges: CallGraph['edges'],
): readonly Int32Array[] {
  const number = new Map(services.map(({ name }, s) => [name, s]));
  const callers: number[][] = services.map(() => []);
  for (const { from, to } of edges) {
    callers[number.get(to) as number]?.push(number.get(from) as number);
  }
  return callers.map((list) => Int32Array.from(list));
}

function numberCalls(parts: {
  services: readonly ServiceSpec[];
  operations: readonly OperationSpec[];
  operationService: readonly number[];
  find: (who: string, service: string, operation: string) => number;
  nameOf: (operation: number) => string;
}): Pick<CallGraph, 'calls' | 'firstCall' | 'edges'> {
  const { services, operations, operationService, find, nameOf } = parts;
  const calls: GraphCall[] = [];
  const firstCall = new Int32Array(operations.length + 1);
  const edges: { from: string; to: string }[] = [];
  const edgeNumber = new Map<string, number>();
  operations.forEach((operation, o) => {
    const from = (services[operationService[o] as number] as ServiceSpec).name;
    for (const spec of operation.calls) {
      const key = `${from} ${spec.service}`;
      if (!edgeNumber.has(key)) {
        edgeNumber.set(key, edges.length);
        edges.push({ from, to: spec.service });
      }
      const callee = find(nameOf(o), spec.service, spec.operation);
      calls.push({ spec, caller: o, callee, edge: edgeNumber.get(key) as number });
    }
    firstCall[o + 1] = calls.length;
  });
  return { calls, firstCall, edges };
}

/** A topological order by depth-first search; a cycle is an error that names it. */
function callersFirst(parts: {
  count: number;
  calls: readonly GraphCall[];
  firstCall: Int32Array;
  nameOf: (operation: number) => string;
}): Int32Array {
  const { count, calls, firstCall, nameOf } = parts;
  const state = new Uint8Array(count);
  const calleesFirst: number[] = [];
  const path: number[] = [];
  const visit = (o: number): void => {
    if (state[o] === 2) return;
    path.push(o);
    if (state[o] === 1) {
      const cycle = path.slice(path.indexOf(o)).map(nameOf).join(' -> ');
      throw new InputError(`operations must not call themselves, got ${cycle}`, {
        hint: 'split the operation in two, or remove the call that closes the circle',
      });
    }
    state[o] = 1;
    for (let c = firstCall[o] as number; c < (firstCall[o + 1] as number); c += 1) {
      visit((calls[c] as GraphCall).callee);
    }
    path.pop();
    state[o] = 2;
    calleesFirst.push(o);
  };
  for (let o = count - 1; o >= 0; o -= 1) visit(o);
  assert(calleesFirst.length === count, 'every operation has a place in the order');
  return Int32Array.from(calleesFirst.reverse());
}
