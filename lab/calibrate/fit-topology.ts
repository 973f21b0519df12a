import { median, UsageError } from '../../core/tools/index.ts';
import type {
  CallSpec,
  NetworkSpec,
  OperationSpec,
  ServiceSpec,
  TwinSpec,
} from '../../core/truth/index.ts';
import type { Assume, Assumption } from './assumptions.ts';
import type { CallSlot } from './call-order.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import { fitNodes } from './fit-nodes.ts';
import { type FittedRates, fitRates } from './fit-rates.ts';
import { findServices, type ServiceFacts, servicesOf } from './fit-services.ts';
import { type FittedWork, fitWork, type ServiceWork } from './fit-work.ts';
import { fitJourneys, fitWorkload } from './fit-workload.ts';
import type { MetricFacts } from './metric-facts.ts';
import {
  type CalleeStatistics,
  type OperationStatistics,
  serviceOfKey,
} from './operation-statistics.ts';
import { safeName } from './safe-names.ts';
import type { DelayFactors } from './station-delay.ts';
import type { TraceStatistics } from './trace-statistics.ts';

export interface CalibrationData {
  readonly traces: TraceStatistics;
  readonly metrics: MetricFacts;
  readonly cluster: ClusterFacts;
}

export interface FittedTopology {
  readonly spec: TwinSpec;
  readonly rates: FittedRates;
  /** By the service's name in the spec. */
  readonly work: ReadonlyMap<string, ServiceWork>;
  readonly assumptions: readonly Assumption[];
  readonly notes: readonly string[];
}

const usualNetwork: NetworkSpec = { sameZoneMs: 0.15, crossZoneMs: 0.6 };
const networkSamplesMin = 20;
const timeoutFactor = 3;
const timeoutMinMs = 1000;
/** Share of calls' time that may overlap before it is worth a note. */
const overlapShare = 0.05;
const usual = {
  startupMs: 5000,
  coldMs: 1000,
  concurrencyMax: 1000,
  perInFlightBytes: 65_536,
  baseBytes: 67_108_864,
} as const;

/** A spec that behaves as the telemetry shows, and what it had to assume. */
export function fitTopology(
  name: string,
  data: CalibrationData,
  delayFactors: DelayFactors = new Map(),
): FittedTopology {
  const assumptions: Assumption[] = [];
  const assume: Assume = (where, field, used, why) => {
    assumptions.push({ where, field, used, why });
  };
  const { traces, metrics, cluster } = data;
  const rates = fitRates(traces, metrics);
  if (rates.entries.length === 0) {
    throw new UsageError(
      'no request can be followed: no trace has a server span without a parent',
      'spans of the service that takes user requests are needed, with kind SERVER',
    );
  }
  if (rates.source === 'traces') {
    const perSec = `${rates.requestsPerSec.toFixed(2)}`;
    assume('workload', 'requestsPerSec', perSec, 'no metric counts requests; traces taken as all');
  }
  const nodes = fitNodes(data, assume);
  const fleet = findServices({
    names: servicesOf(rates.order),
    objects: cluster.objects,
    traces,
    metrics,
    nodeCores: nodes[0]?.cpuCores ?? 1,
  });
  const work = new Map<string, ServiceWork>();
  const services = fleet.services.map((facts): ServiceSpec => {
    const keys = rates.order.filter((key) => serviceOfKey(key) === facts.name);
    const evidence = {
      operations: keys.map((key) => ({
        key,
        requestsPerSec: rates.means.get(key) ?? 0,
        byWindow: rates.byWindow.get(key) ?? new Float64Array(0),
        selfMs: traces.operations.get(key)?.selfMs ?? [],
      })),
      countedPerSec: metrics.services.get(facts.name) ?? null,
      cpuCores: facts.cpuCores,
      limitCores: facts.workload.cpuLimitCores ?? nodes[0]?.cpuCores ?? 1,
      pods: facts.pods,
    };
    const fitted = fitWork(evidence, delayFactors.get(safeName(facts.name)));
    work.set(safeName(facts.name), fitted);
    assumeWork(facts, fitted, assume);
    return toService(facts, {
      operations: keys.map((key, i) =>
        toOperation(key, {
          statistics: traces.operations.get(key),
          fitted: fitted.operations[i] as FittedWork,
          slots: rates.slots.get(key) ?? [],
          assume,
        }),
      ),
      assume,
    });
  });
  const spec: TwinSpec = {
    name,
    objects: [...cluster.objects, ...fleet.invented],
    nodes,
    services,
    journeys: fitJourneys(rates, traces, assume),
    workload: fitWorkload(rates, metrics, assume),
    network: fitNetwork(traces, assume),
  };
  const notes = [...cluster.notes, ...fleet.notes, ...rates.notes, ...noteOverlap(traces)];
  return { spec, rates, work, assumptions, notes };
}

function assumeWork({ name }: ServiceFacts, work: ServiceWork, assume: Assume): void {
  if (!work.scatterSeen) assume(name, 'scv', '1', 'too few responses');
  if (work.meanCpuMs === null) {
    assume(name, 'cpu', 'own time, within half of the limits', 'no CPU metric of its pods');
  } else if (work.split === 'assumed') {
    const why = 'own times show waiting, but not of which operation';
    assume(name, 'cpu and wait per operation', 'who scatters less waits more', why);
  }
}

function toService(
  facts: ServiceFacts,
  { operations, assume }: { operations: OperationSpec[]; assume: Assume },
): ServiceSpec {
  const { name, kind, workload, memoryBytes } = facts;
  assume(name, 'startup, cold', '5 s, none', 'no start of a process is in the data');
  assume(name, 'concurrencyMax', `${usual.concurrencyMax}`, 'no request was turned away');
  assume(name, 'memory.perInFlight', '64Ki', 'memory hardly moves with load');
  if (memoryBytes === null) assume(name, 'memory.base', '64Mi', 'no memory metric of its pods');
  const bytes = Math.round((memoryBytes ?? usual.baseBytes) / 1024) * 1024;
  return {
    name: safeName(name),
    namespace: workload.namespace,
    kind,
    workload: workload.name,
    startupMs: usual.startupMs,
    coldFactor: 0,
    coldMs: usual.coldMs,
    concurrencyMax: usual.concurrencyMax,
    memory: { baseBytes: bytes, perInFlightBytes: usual.perInFlightBytes },
    operations,
  };
}

function toOperation(
  key: string,
  given: {
    readonly statistics: OperationStatistics | undefined;
    readonly fitted: FittedWork;
    readonly slots: readonly CallSlot[];
    readonly assume: Assume;
  },
): OperationSpec {
  const { statistics, fitted, slots, assume } = given;
  const spans = statistics?.spans ?? 0;
  const failures = statistics?.ownFailures ?? 0;
  if (failures === 0) {
    const why = `no failure in ${spans} responses`;
    assume(key, 'errorRatio', '0', why);
  }
  return {
    name: key.slice(serviceOfKey(key).length + 1),
    cpuMs: round(fitted.cpuMs),
    waitMs: round(fitted.waitMs),
    scv: Number(fitted.scv.toFixed(2)),
    errorRatio: spans > 0 ? Number((failures / spans).toPrecision(3)) : 0,
    category: statistics?.category ?? 'cpu',
    statement: statistics?.statement ?? null,
    calls: slots.map((slot) =>
      toCall(slot, statistics?.callees.get(slot.callee), (field, used, why) =>
        assume(`${key} -> ${slot.callee}`, field, used, why),
      ),
    ),
  };
}

/** Nanoseconds. */
function round(ms: number): number {
  return Number(ms.toFixed(6));
}

function toCall(
  { callee, count }: CallSlot,
  seen: CalleeStatistics | undefined,
  assume: (field: string, used: string, why: string) => void,
): CallSpec {
  const service = serviceOfKey(callee);
  const timeouts = seen?.timeoutsMs ?? [];
  const longestMs = seen?.longestMs ?? 0;
  const generousMs = Math.max(timeoutMinMs, 100 * Math.ceil((timeoutFactor * longestMs) / 100));
  const hasTimeout = timeouts.length >= 3;
  if (!hasTimeout) assume('timeout', `${generousMs} ms`, 'no call timed out');
  const failedAttempts = seen?.failedAttempts ?? 0;
  const retries = seen?.resendMax ?? 0;
  if (retries === 0 && failedAttempts < 3) {
    assume('retries', '0', `${failedAttempts} failed attempts, none tried again`);
  }
  const failedCalls = seen?.failedCalls ?? 0;
  if (failedCalls === 0) assume('optional', 'false', 'no call failed');
  return {
    service: safeName(service),
    operation: callee.slice(service.length + 1),
    count: Number(count.toPrecision(4)),
    timeoutMs: hasTimeout ? Math.round(median(timeouts)) : generousMs,
    retries,
    optional: failedCalls > 0 && 2 * (seen?.survivedFailures ?? 0) > failedCalls,
  };
}

function fitNetwork({ sameZoneMs, crossZoneMs }: TraceStatistics, assume: Assume): NetworkSpec {
  const delayOf = (samples: readonly number[], field: keyof NetworkSpec): number => {
    if (samples.length >= networkSamplesMin) return round(median(samples));
    const why = `${samples.length} calls with client and server span and both zones`;
    assume('network', field, `${usualNetwork[field]} ms`, why);
    return usualNetwork[field];
  };
  return {
    sameZoneMs: delayOf(sameZoneMs, 'sameZoneMs'),
    crossZoneMs: delayOf(crossZoneMs, 'crossZoneMs'),
  };
}

function noteOverlap({ operations }: TraceStatistics): string[] {
  return [...operations].flatMap(([key, { overlappedMs, calledMs }]) => {
    const share = calledMs > 0 ? overlappedMs / calledMs : 0;
    if (share < overlapShare) return [];
    const percent = Math.round(100 * share);
    return [
      `${key} overlaps ${percent} % of its calls' time; the twin makes calls one after the other`,
    ];
  });
}
