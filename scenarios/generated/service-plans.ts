import type { Stream } from '../../core/tools/index.ts';
import type { Role, ServiceGraph } from './service-graph.ts';
import { ServiceNames } from './service-names.ts';

/** A call as it is drawn: which operation of which service, how often, and how firmly. */
export interface CallPlan {
  readonly service: number;
  readonly operation: number;
  readonly count: number;
  readonly retries: number;
  readonly optional: boolean;
}

export interface OperationPlan {
  readonly name: string;
  readonly statement: string | null;
  readonly scv: number;
  cpuMs: number;
  readonly calls: CallPlan[];
}

/** How processes of one language behave. */
export interface Runtime {
  readonly startupMs: number;
  readonly coldFactor: number;
  readonly coldMs: number;
  readonly baseMebibytes: number;
}

export interface ServicePlan {
  readonly name: string;
  readonly role: Role;
  readonly isStore: boolean;
  readonly runtime: Runtime;
  readonly operations: OperationPlan[];
}

const runtimes: readonly Runtime[] = [
  { startupMs: 1_500, coldFactor: 0.3, coldMs: 10_000, baseMebibytes: 40 },
  { startupMs: 3_000, coldFactor: 1, coldMs: 15_000, baseMebibytes: 70 },
  { startupMs: 4_000, coldFactor: 0.5, coldMs: 15_000, baseMebibytes: 110 },
  { startupMs: 12_000, coldFactor: 2, coldMs: 30_000, baseMebibytes: 260 },
];
const storeRuntime: Runtime = {
  startupMs: 2_000,
  coldFactor: 0,
  coldMs: 1_000,
  baseMebibytes: 120,
};

/** Leaves that keep data; the others compute, format, look up. */
const storeShare = 0.6;
/** Median CPU time of a request, ms, and the sd of its logarithm. */
const cpuMedianMs: Readonly<Record<Role | 'store', number>> = {
  entry: 2.5,
  middle: 1.5,
  leaf: 1.2,
  store: 0.4,
};
const cpuLogSd = 0.5;
/** Shared calls lead to an operation of their own this often. */
const ownOperationShare = 0.35;
const optionalShare = 0.25;
const retriedShare = 0.3;

/** Gives the services of a graph names, runtimes, operations and calls. */
export function planServices(graph: ServiceGraph, stream: Stream): ServicePlan[] {
  const names = new ServiceNames(stream);
  const plans = graph.roles.map((role): ServicePlan => {
    const isStore = role === 'leaf' && stream.next() < storeShare;
    const kind = isStore ? 'store' : role;
    const name = names.next(kind);
    const runtime = isStore ? storeRuntime : pickFrom(runtimes, stream);
    const plan: ServicePlan = { name, role, isStore, runtime, operations: [] };
    addOperation(plan, stream);
    return plan;
  });
  for (const { from, to, shared } of graph.edges) {
    const caller = plans[from] as ServicePlan;
    const callee = plans[to] as ServicePlan;
    const call = shared ? drawSharedCall(callee, to, stream) : drawTreeCall(callee, to, stream);
    (caller.operations[0] as OperationPlan).calls.push(call);
  }
  for (const plan of plans) shareCalls(plan, stream);
  return plans;
}

/** Calls of the tree are made on every request, so that nobody sits idle. */
function drawTreeCall({ role, isStore }: ServicePlan, service: number, stream: Stream): CallPlan {
  const further = role === 'leaf' ? [1, 1, 1, 2, 3] : [1, 1, 1, 1, 1, 1, 1, 2];
  const retries = isStore && stream.next() < retriedShare ? 1 : 0;
  return { service, operation: 0, count: pickFrom(further, stream), retries, optional: false };
}

function drawSharedCall(callee: ServicePlan, service: number, stream: Stream): CallPlan {
  let operation = 0;
  if (stream.next() < ownOperationShare) {
    if (callee.operations.length === 1) addOperation(callee, stream);
    operation = 1;
  }
  const optional = stream.next() < optionalShare;
  const retries = !optional && callee.role === 'leaf' && stream.next() < retriedShare ? 1 : 0;
  return { service, operation, count: pickFrom([0.25, 0.5, 1], stream), retries, optional };
}

/** A second operation needs about half of what the first one calls. */
function shareCalls({ operations }: ServicePlan, stream: Stream): void {
  const [first, second] = operations;
  if (!first || !second) return;
  for (const call of first.calls) if (stream.next() < 0.5) second.calls.push(call);
}

const verbs = ['Get', 'List', 'Query', 'Check', 'Resolve', 'Compute', 'Update'] as const;
const furtherVerbs = ['BatchGet', 'Search', 'Count', 'Refresh'] as const;

function addOperation(plan: ServicePlan, stream: Stream): void {
  const position = plan.operations.length;
  const noun = subjectOf(plan.name);
  const verb = pickFrom(position === 0 ? verbs : furtherVerbs, stream);
  const kind = plan.isStore ? 'store' : plan.role;
  const store = plan.isStore ? storeOperation(plan.name, noun, position) : null;
  plan.operations.push({
    name: store?.name ?? `${verb}${noun.charAt(0).toUpperCase()}${noun.slice(1)}`,
    statement: store?.statement ?? null,
    scv: pickFrom([0.5, 1, 1, 1.5], stream),
    cpuMs: cpuMedianMs[kind] * Math.exp(cpuLogSd * stream.normal()),
    calls: [],
  });
}

/** What a store is asked, in its own language. */
function storeOperation(
  name: string,
  noun: string,
  position: number,
): { name: string; statement: string } {
  const isFirst = position === 0;
  if (name.includes('-redis')) {
    return isFirst
      ? { name: 'GET', statement: `GET ${noun}:{id}` }
      : { name: 'MGET', statement: `MGET ${noun}:{id} [...]` };
  }
  if (name.includes('-memcached')) {
    return isFirst
      ? { name: 'get', statement: `get ${noun}:{id}` }
      : { name: 'gets', statement: `gets ${noun}:{id} [...]` };
  }
  if (name.includes('-mongodb')) {
    return isFirst
      ? { name: 'find', statement: `db.${noun}.find({_id: ?})` }
      : { name: 'aggregate', statement: `db.${noun}.aggregate([{$match: ?}])` };
  }
  return isFirst
    ? { name: 'select', statement: `SELECT * FROM ${noun} WHERE id = ?` }
    : { name: 'selectMany', statement: `SELECT * FROM ${noun} WHERE owner_id = ? LIMIT 50` };
}

function subjectOf(name: string): string {
  return name.slice(0, name.indexOf('-'));
}

function pickFrom<T>(items: readonly T[], stream: Stream): T {
  return items[stream.integer(items.length)] as T;
}
