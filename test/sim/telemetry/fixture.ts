/** The flow state of the small world by hand, and the pipeline that observes it. */
import type { OperationSpec, TwinSpec } from '../../../core/truth/index.ts';
import type { ClusterView, NodeView, PodView } from '../../../sim/cluster-view.ts';
import type { Conditions } from '../../../sim/conditions.ts';
import { createConditions } from '../../../sim/conditions.ts';
import type {
  EdgeFlow,
  FlowWindow,
  JourneyFlow,
  LatencyLaw,
  OperationFlow,
  PodFlow,
  ServiceFlow,
  TargetFlow,
} from '../../../sim/data-plane/flow-state.ts';
import { latencyMeanMs, noTimeOut } from '../../../sim/data-plane/latency-law.ts';
import { TelemetryPipeline } from '../../../sim/telemetry/telemetry-pipeline.ts';
import { createSpec, gibibyte, zones } from './fixture-spec.ts';

export const scrapeIntervalMs = 15_000;

export interface WorldOptions {
  readonly replicas?: number;
  readonly requestsPerSec?: number;
  /** Added to each operation's own error ratio, per service. */
  readonly addedErrors?: Readonly<Record<string, number>>;
  /** How attempts at a pod end, by pod name; all else answers. */
  readonly broken?: Readonly<Record<string, 'silent' | 'refused'>>;
  /** Changes a pod after the fact. */
  readonly changePod?: (pod: PodView) => PodView;
  readonly memoryRatio?: number;
  readonly extraPods?: readonly PodView[];
}

export function createPod(
  serviceName: string,
  ordinal: number,
  rest: Partial<PodView> = {},
): PodView {
  const place = ordinal % zones.length;
  return {
    uid: `uid-${serviceName}-${ordinal}`,
    name: `${serviceName}-${ordinal}`,
    namespace: 'shop',
    service: serviceName,
    workload: serviceName,
    node: `node-${place}`,
    zone: zones[place] as string,
    region: 'region-1',
    release: 'v1',
    ordinal,
    cpuLimitCores: 1,
    memoryLimitBytes: gibibyte,
    running: true,
    processStartedUs: -3_600_000_000,
    listening: true,
    inEndpoints: true,
    restartCount: 0,
    ...rest,
  };
}

interface Flow {
  readonly rate: number;
  readonly law: LatencyLaw;
  readonly own: LatencyLaw;
  readonly errorRatio: number;
  readonly ownErrorRatio: number;
}

function sumOf(laws: readonly (readonly [LatencyLaw, number])[]): LatencyLaw {
  let meanMs = 0;
  let varianceMs2 = 0;
  for (const [law, count] of laws) {
    const part = count - Math.floor(count);
    meanMs += count * law.meanMs;
    varianceMs2 += count * law.varianceMs2 + part * (1 - part) * law.meanMs * law.meanMs;
  }
  return { meanMs, varianceMs2, ...noTimeOut };
}

/** Solves the call graph backwards; pods of one service share its load evenly. */
function solve(spec: TwinSpec, options: WorldOptions): Map<string, Flow> {
  const flows = new Map<string, Flow>();
  const rates = new Map<string, number>();
  const total = options.requestsPerSec ?? spec.workload.requestsPerSec;
  for (const journey of spec.journeys)
    rates.set(`${journey.service} ${journey.operation}`, (total * journey.weight) / 4);
  for (const { name, operations } of spec.services) {
    for (const { name: at, calls } of operations) {
      const rate = rates.get(`${name} ${at}`) ?? 0;
      for (const to of calls) {
        const key = `${to.service} ${to.operation}`;
        rates.set(key, (rates.get(key) ?? 0) + rate * to.count);
      }
    }
  }
  const network = { meanMs: 0.8, varianceMs2: 0, ...noTimeOut };
  for (const { name, operations } of spec.services.toReversed()) {
    for (const at of operations) {
      const own = {
        meanMs: at.cpuMs + at.waitMs,
        varianceMs2: at.cpuMs * at.cpuMs * at.scv,
        ...noTimeOut,
      };
      const parts: [LatencyLaw, number][] = [[own, 1]];
      const ownErrorRatio = at.errorRatio + (options.addedErrors?.[name] ?? 0);
      let good = 1 - ownErrorRatio;
      for (const to of at.calls) {
        const flow = flows.get(`${to.service} ${to.operation}`) as Flow;
        parts.push([
          sumOf([
            [flow.law, 1],
            [network, 1],
          ]),
          to.count,
        ]);
        let failing = flow.errorRatio;
        for (let retry = 0; retry < to.retries; retry += 1) failing *= flow.errorRatio;
        if (to.optional) continue;
        for (let i = 0; i < Math.floor(to.count); i += 1) good *= 1 - failing;
        good *= 1 - (to.count - Math.floor(to.count)) * failing;
      }
      flows.set(`${name} ${at.name}`, {
        rate: rates.get(`${name} ${at.name}`) ?? 0,
        own,
        law: sumOf(parts),
        errorRatio: 1 - good,
        ownErrorRatio,
      });
    }
  }
  return flows;
}

export interface SmallWorld {
  readonly spec: TwinSpec;
  readonly view: ClusterView;
  window(scrape: number): FlowWindow;
}

export function createWorld(options: WorldOptions = {}): SmallWorld {
  const spec = createSpec();
  const nodes: NodeView[] = spec.nodes.map((node) => ({ ...node, powered: true, ready: true }));
  const replicas = options.replicas ?? 3;
  const pods = spec.services
    .flatMap(({ name }) => Array.from({ length: replicas }, (_, i) => createPod(name, i)))
    .concat(options.extraPods ?? [])
    .map(options.changePod ?? ((pod) => pod));
  const view: ClusterView = {
    version: 1,
    pods,
    nodes,
    workloads: spec.services.map(({ name }) => ({
      service: name,
      namespace: 'shop',
      workload: name,
      desired: replicas,
      ready: replicas,
    })),
    traffic: { rateLimits: new Map(), drainedZones: new Map() },
  };
  const flows = solve(spec, options);
  const parts = { spec, view, flows, options };
  const still = describeFlows(parts);
  return {
    spec,
    view,
    window: (scrape) => ({
      fromMs: (scrape - 1) * scrapeIntervalMs,
      untilMs: scrape * scrapeIntervalMs,
      ...still,
      flowOf: (uid) => still.pods.find(({ pod }) => pod.uid === uid),
      targets: (fromZone, name) => targetsOf(parts, fromZone, name),
      hasRoutes: false,
      route: () => null,
    }),
  };
}

interface Parts {
  readonly spec: TwinSpec;
  readonly view: ClusterView;
  readonly flows: ReadonlyMap<string, Flow>;
  readonly options: WorldOptions;
}

function targetsOf({ view, options }: Parts, fromZone: string, name: string): TargetFlow[] {
  const pods = view.pods.filter((pod) => pod.service === name && pod.inEndpoints);
  return pods.map((pod) => ({
    pod,
    share: 1 / pods.length,
    reachable: options.broken?.[pod.name] === undefined,
    refused: options.broken?.[pod.name] === 'refused',
    networkMs: fromZone === 'user' ? 0.4 : 0.8,
  }));
}

function describeFlows({ spec, view, flows, options }: Parts): {
  pods: PodFlow[];
  services: ServiceFlow[];
  edges: EdgeFlow[];
  journeys: JourneyFlow[];
  nodes: FlowWindow['nodes'];
} {
  const flowOf = (name: string, at: string): Flow => flows.get(`${name} ${at}`) as Flow;
  const operationsOf = (name: string): readonly OperationSpec[] =>
    spec.services.find((s) => s.name === name)?.operations ?? [];
  const pods = view.pods.map((pod): PodFlow => {
    const peers = view.pods.filter((other) => other.service === pod.service).length;
    const operations = operationsOf(pod.service).map((at): OperationFlow => {
      const { rate, own, errorRatio, ownErrorRatio } = flowOf(pod.service, at.name);
      const requestsPerSec = rate / peers;
      return {
        operation: at.name,
        requestsPerSec,
        errorRatio,
        ownErrorRatio,
        rejectRatio: 0,
        ownLatency: own,
      };
    });
    const inFlight = operations.reduce((sum, { operation, requestsPerSec }) => {
      const { law } = flowOf(pod.service, operation);
      return sum + (requestsPerSec * latencyMeanMs(law)) / 1000;
    }, 0);
    const memoryBytes = (options.memoryRatio ?? 0.4) * pod.memoryLimitBytes;
    return {
      pod,
      cpuCores: 0.3,
      memoryBytes,
      memoryMaxBytes: memoryBytes,
      throttledRatio: 0.02,
      inFlight,
      requestsPerSec: operations.reduce((sum, at) => sum + at.requestsPerSec, 0),
      operations,
      operationAt: (position) => operations[position],
    };
  });
  const services = spec.services.map(({ name, operations }): ServiceFlow => {
    const parts = operations.map((at) => flowOf(name, at.name));
    const requestsPerSec = parts.reduce((sum, { rate }) => sum + rate, 0);
    const errorRatio =
      parts.reduce((sum, part) => sum + part.rate * part.errorRatio, 0) / requestsPerSec;
    return { service: name, requestsPerSec, errorRatio, ...latencyOf((parts[0] as Flow).law) };
  });
  const edges = spec.services.flatMap(({ name, operations }) => {
    const byTarget = new Map<string, EdgeFlow>();
    for (const at of operations) {
      for (const to of at.calls) {
        const { law, errorRatio } = flowOf(to.service, to.operation);
        const requestsPerSec =
          (byTarget.get(to.service)?.requestsPerSec ?? 0) + flowOf(name, at.name).rate * to.count;
        byTarget.set(to.service, {
          from: name,
          to: to.service,
          requestsPerSec,
          errorRatio,
          ...latencyOf(law),
        });
      }
    }
    return [...byTarget.values()];
  });
  const journeys = spec.journeys.map((journey): JourneyFlow => {
    const { rate, law, errorRatio } = flowOf(journey.service, journey.operation);
    return {
      journey: journey.name,
      offeredPerSec: rate,
      errorRatio,
      ...latencyOf({ ...law, meanMs: law.meanMs + 0.4 }),
    };
  });
  const nodes = view.nodes.map((node) => ({ node, cpuCores: 1, memoryBytes: 4 * gibibyte }));
  return { pods, services, edges, journeys, nodes };
}

function latencyOf(latency: LatencyLaw): Pick<EdgeFlow, 'latency' | 'readLatency'> {
  return { latency, readLatency: () => latency };
}

export function createPipeline(
  world: SmallWorld,
  options: { seed?: number; conditions?: Conditions; tracesPerScrape?: number } = {},
): TelemetryPipeline {
  return new TelemetryPipeline({
    spec: world.spec,
    seed: options.seed ?? 7,
    conditions: options.conditions ?? createConditions(),
    scrapeIntervalMs,
    tracesPerScrape: options.tracesPerScrape ?? 40,
  });
}
