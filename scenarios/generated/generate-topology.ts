import { createStream, type Stream } from '../../core/tools/index.ts';
import type {
  JourneySpec,
  NodeSpec,
  OperationSpec,
  ServiceSpec,
  TwinSpec,
} from '../../core/truth/index.ts';
import { callersFirst, callRates, indexOperations, keyOf } from '../call-rates.ts';
import { expectedLatencies, type Moments, percentile95Ms } from '../expected-latency.ts';
import { renderWorkload, type WorkloadPlan } from '../workload-objects.ts';
import { growServiceGraph, zipf } from './service-graph.ts';
import { type OperationPlan, planServices, type ServicePlan } from './service-plans.ts';
import { renderNodes, type Sizing, sizeServices } from './sizing.ts';

export interface GeneratorOptions {
  readonly name: string;
  /** All services, the front door included. */
  readonly services: number;
  readonly seed: number;
  /** Mean services on an entry's longest call path, default 4. */
  readonly meanDepth?: number;
  /** Mean services called by one that calls any, default 3. */
  readonly fanOut?: number;
  /** Share of services that others like to share, default 0.05. */
  readonly hotSpotShare?: number;
  /** Default 5. */
  readonly podsPerService?: number;
}

const region = 'cn-east-1';
/** Every journey asks for at least this much, so that no service sits idle. */
const rarestPerSec = 60;
const popularityExponent = 0.7;
const front = 'gateway';
const network = { sameZoneMs: 0.15, crossZoneMs: 0.6 };
/** Share of requests that fail in good health: over all, and of the largest journey, at most. */
const failedShareMean = 0.001;
const failedShareMax = 0.01;
const errorRatioMax = 0.0002;

/**
 * A system of any size with the statistics of large ones (docs/topologies.md has both side by
 * side): a front door, entries behind it, a tree below each entry, shared hot spots. Replicas and
 * CPU limits follow from the call rates, so that every service uses 0.2 to 0.55 of its limits;
 * objectives and time-outs follow from expected latencies. The same options give the same bytes.
 */
export function generateTopology(options: GeneratorOptions): TwinSpec {
  const { name, services, seed, meanDepth = 4, fanOut = 3, hotSpotShare = 0.05 } = options;
  const stream = createStream(seed, 'topology');
  const shape = { services: services - 1, meanDepth, fanOut, hotSpotShare };
  const plans = planServices(growServiceGraph(shape, stream), stream);
  const withFront = [planFront(plans), ...plans];
  const popularity = drawPopularity(withFront[0] as ServicePlan, stream);
  const rough = toSpec(withFront, { name, popularity, latencies: null, errorRatio: 0 });
  const sizing = sizeServices(withFront, callRates(rough), {
    podsPerService: options.podsPerService ?? 5,
    stream,
  });
  const nodes = renderNodes(sizing, region);
  const objects = renderObjects(withFront, sizing, nodes);
  const errorRatio = chooseErrorRatio(rough);
  const sized = toSpec(withFront, { name, popularity, latencies: null, errorRatio });
  const latencies = expectedLatencies({ ...sized, objects, nodes });
  const spec = toSpec(withFront, { name, popularity, latencies, errorRatio });
  return { ...spec, objects, nodes };
}

/** The front door has one operation per entry and passes requests on. */
function planFront(plans: readonly ServicePlan[]): ServicePlan {
  const entries = plans.flatMap(({ role }, i) => (role === 'entry' ? [i] : []));
  return {
    name: front,
    role: 'entry',
    isStore: false,
    runtime: { startupMs: 1_500, coldFactor: 0.3, coldMs: 10_000, baseMebibytes: 60 },
    operations: entries.map((entry): OperationPlan => {
      // The front stands before the others, so callees of plans count from one.
      const call = { service: entry, operation: 0, count: 1, retries: 0, optional: false };
      return {
        name: `ANY /${(plans[entry] as ServicePlan).name}`,
        statement: null,
        scv: 0.5,
        cpuMs: 0.3,
        calls: [call],
      };
    }),
  };
}

/** Requests per second per journey: Zipf's law in random order. */
function drawPopularity({ operations }: ServicePlan, stream: Stream): readonly number[] {
  const rarest = zipf(operations.length - 1, popularityExponent);
  const rates = operations.map((_, rank) => {
    return Math.round((rarestPerSec * zipf(rank, popularityExponent)) / rarest);
  });
  return stream.shuffle(rates);
}

interface Draft {
  readonly name: string;
  readonly popularity: readonly number[];
  readonly latencies: ReadonlyMap<string, Moments> | null;
  readonly errorRatio: number;
}

/** The plans as a spec without a cluster; without latencies, time-outs and objectives are open. */
function toSpec(plans: readonly ServicePlan[], draft: Draft): TwinSpec {
  const [door] = plans as [ServicePlan];
  return {
    name: draft.name,
    objects: [],
    nodes: [],
    services: plans.map((plan) => toService(plans, plan, draft)),
    journeys: door.operations.map((operation, j) => toJourney(operation, j, draft)),
    workload: {
      requestsPerSec: draft.popularity.reduce((sum, rate) => sum + rate, 0),
      dailySwing: 0.2,
      peakHour: 15,
      noiseSd: 0.04,
      noiseSlope: 1.4,
      dispersion: 2,
      crowdsPerDay: 1,
      largestCrowd: 0.2,
      happeningsPerHour: 12,
      recording: null,
    },
    network,
  };
}

function toService(plans: readonly ServicePlan[], plan: ServicePlan, draft: Draft): ServiceSpec {
  const { startupMs, coldFactor, coldMs, baseMebibytes } = plan.runtime;
  return {
    name: plan.name,
    namespace: 'default',
    kind: plan.isStore ? 'datastore' : 'service',
    workload: plan.name,
    startupMs,
    coldFactor,
    coldMs,
    concurrencyMax: plan.isStore ? 1000 : 300,
    memory: { baseBytes: baseMebibytes * 1_048_576, perInFlightBytes: 65_536 },
    operations: plan.operations.map((operation) => toOperation(plans, plan, operation, draft)),
  };
}

function toOperation(
  plans: readonly ServicePlan[],
  { isStore }: ServicePlan,
  operation: OperationPlan,
  { latencies, errorRatio }: Draft,
): OperationSpec {
  return {
    name: operation.name,
    cpuMs: operation.cpuMs,
    waitMs: 0,
    scv: operation.scv,
    errorRatio,
    category: isStore ? 'db' : 'cpu',
    statement: operation.statement,
    calls: operation.calls.map(({ service, operation: position, ...call }) => {
      const callee = plans[service + 1] as ServicePlan;
      const { name } = callee.operations[position] as OperationPlan;
      const latency = latencies?.get(`${callee.name}/${name}`);
      const timeoutMs = latency ? timeoutAfter(percentile95Ms(latency)) : 10_000;
      return { service: callee.name, operation: name, timeoutMs, ...call };
    }),
  };
}

/** Ten times what is slow, in tenths of a second: half a second at least, ten at most. */
function timeoutAfter(latencyMsP95: number): number {
  return Math.min(10_000, Math.max(500, 100 * Math.ceil(latencyMsP95 / 10)));
}

function toJourney(operation: OperationPlan, j: number, draft: Draft): JourneySpec {
  const latency = draft.latencies?.get(`${front}/${operation.name}`);
  const slowMs = latency ? percentile95Ms(latency) : 1_000;
  const latencySloMs = Math.max(100, 50 * Math.round((4 * slowMs) / 50));
  const name = operation.name.slice(operation.name.indexOf('/') + 1);
  return {
    name,
    service: front,
    operation: operation.name,
    weight: draft.popularity[j] as number,
    latencySloMs,
    timeoutMs: Math.max(10_000, 2 * latencySloMs),
    retries: 0,
    itemType: j < 3 ? name.replaceAll('-', '_') : null,
  };
}

/** Of every operation: low enough for the operations that a request adds up to. */
function chooseErrorRatio(spec: TwinSpec): number {
  const operations = indexOperations(spec);
  const sizes = new Map<string, number>();
  const sizeOf = (target: Parameters<typeof keyOf>[0]): number => sizes.get(keyOf(target)) ?? 0;
  for (const key of [...callersFirst(operations)].reverse()) {
    const { calls } = operations.get(key) as OperationSpec;
    sizes.set(
      key,
      calls.reduce((sum, call) => sum + call.count * sizeOf(call), 1),
    );
  }
  const { requestsPerSec } = spec.workload;
  const mean = spec.journeys.reduce((sum, j) => sum + (j.weight * sizeOf(j)) / requestsPerSec, 0);
  const largest = Math.max(...spec.journeys.map(sizeOf));
  const ratio = Math.min(errorRatioMax, failedShareMean / mean, failedShareMax / largest);
  return Number(ratio.toPrecision(3));
}

function renderObjects(
  plans: readonly ServicePlan[],
  sizing: readonly Sizing[],
  nodes: readonly NodeSpec[],
): TwinSpec['objects'] {
  const zones = [...new Set(nodes.map(({ zone }) => zone))];
  const port = (plan: ServicePlan): number => (plan.isStore ? 6000 : 8080);
  return plans.flatMap((plan, i) => {
    const { replicas, cpuLimitCores, cpuRequestCores, autoscale } = sizing[i] as Sizing;
    const limit = memoryLimitMebibytes(plan) * 1_048_576;
    const callees = [...new Set(plan.operations.flatMap((o) => o.calls.map((c) => c.service)))];
    const workload: WorkloadPlan = {
      name: plan.name,
      namespace: 'default',
      image: `shop/${plan.name}:v1.0.${i % 10}`,
      port: port(plan),
      probe: plan.isStore ? 'tcp' : 'http',
      startupMs: plan.runtime.startupMs,
      replicas,
      cpuCores: { request: cpuRequestCores, limit: cpuLimitCores },
      memoryBytes: { request: limit / 2, limit },
      autoscale,
      homeZone: plan.isStore ? (zones[i % zones.length] as string) : null,
      callees: callees.map((callee) => {
        const target = plans[callee + 1] as ServicePlan;
        return { name: target.name, port: port(target) };
      }),
    };
    return renderWorkload(workload);
  });
}

/** The next power of two that leaves a third free. */
function memoryLimitMebibytes({ runtime }: ServicePlan): number {
  let limit = 64;
  while (limit < 1.5 * runtime.baseMebibytes) limit *= 2;
  return limit;
}
