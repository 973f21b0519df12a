import type {
  CallSpec,
  JourneySpec,
  OperationSpec,
  ServiceSpec,
  TwinSpec,
} from '../../../core/truth/index.ts';
import type { ClusterView, NodeView, PodView } from '../../../sim/cluster-view.ts';
import { type Conditions, createConditions } from '../../../sim/conditions.ts';
import { DataPlane, type DataPlaneTick } from '../../../sim/data-plane/data-plane.ts';
import type { FlowWindow } from '../../../sim/data-plane/flow-state.ts';

export const megabyte = 1_000_000;

export function operationSpec(name: string, changes: Partial<OperationSpec> = {}): OperationSpec {
  return {
    name,
    cpuMs: 5,
    waitMs: 0,
    scv: 1,
    errorRatio: 0,
    category: 'cpu',
    statement: null,
    calls: [],
    ...changes,
  };
}

export function callSpec(
  service: string,
  operation: string,
  changes: Partial<CallSpec> = {},
): CallSpec {
  return { service, operation, count: 1, timeoutMs: 1000, retries: 0, optional: false, ...changes };
}

export function serviceSpec(
  name: string,
  operations: readonly OperationSpec[],
  changes: Partial<ServiceSpec> = {},
): ServiceSpec {
  return {
    name,
    namespace: 'default',
    kind: 'service',
    workload: name,
    startupMs: 0,
    coldFactor: 0,
    coldMs: 1000,
    concurrencyMax: 100_000,
    memory: { baseBytes: 100 * megabyte, perInFlightBytes: megabyte },
    operations,
    ...changes,
  };
}

export function journeySpec(
  name: string,
  service: string,
  operation: string,
  changes: Partial<JourneySpec> = {},
): JourneySpec {
  return {
    name,
    service,
    operation,
    weight: 1,
    latencySloMs: 500,
    timeoutMs: 2000,
    retries: 0,
    itemType: null,
    ...changes,
  };
}

/** A spec with zones a, b and c of one 16-core node each, steady load and no network delay. */
export function twinSpec(parts: {
  services: readonly ServiceSpec[];
  journeys: readonly JourneySpec[];
  workload?: Partial<TwinSpec['workload']>;
  network?: TwinSpec['network'];
}): TwinSpec {
  return {
    name: 'fixture',
    objects: [],
    nodes: ['a', 'b', 'c'].map((zone) => ({
      name: `node-${zone}`,
      zone,
      region: 'r',
      cpuCores: 16,
      memoryBytes: 64_000 * megabyte,
      labels: {},
    })),
    services: parts.services,
    journeys: parts.journeys,
    workload: {
      requestsPerSec: 50,
      dailySwing: 0,
      peakHour: 14,
      noiseSd: 0,
      noiseSlope: 1.4,
      dispersion: 1,
      crowdsPerDay: 0,
      largestCrowd: 0,
      happeningsPerHour: 0,
      recording: null,
      ...parts.workload,
    },
    network: parts.network ?? { sameZoneMs: 0, crossZoneMs: 0 },
  };
}

export function podView(service: string, zone: string, changes: Partial<PodView> = {}): PodView {
  const name = changes.name ?? `${service}-${zone}`;
  return {
    uid: `uid-${name}`,
    name,
    namespace: 'default',
    service,
    workload: service,
    node: `node-${zone}`,
    zone,
    region: 'r',
    release: 'v1',
    ordinal: 0,
    cpuLimitCores: 1,
    memoryLimitBytes: 1000 * megabyte,
    running: true,
    processStartedUs: -3_600_000_000,
    listening: true,
    inEndpoints: true,
    restartCount: 0,
    ...changes,
  };
}

export function clusterView(
  pods: readonly PodView[],
  changes: Partial<ClusterView> = {},
): ClusterView {
  const nodes: NodeView[] = ['a', 'b', 'c'].map((zone) => ({
    name: `node-${zone}`,
    zone,
    region: 'r',
    cpuCores: 16,
    memoryBytes: 64_000 * megabyte,
    powered: true,
    ready: true,
  }));
  return {
    version: 1,
    pods,
    nodes,
    workloads: [],
    traffic: { rateLimits: new Map(), drainedZones: new Map() },
    ...changes,
  };
}

/** A data plane, its conditions, and a clock that plays seconds. */
export class Bench {
  readonly conditions: Conditions;
  readonly plane: DataPlane;
  nowMs: number = 0;

  constructor(
    spec: TwinSpec,
    options: { seed?: number; plane?: DataPlane; conditions?: Conditions } = {},
  ) {
    this.conditions = options.conditions ?? createConditions();
    this.plane =
      options.plane ??
      new DataPlane({ spec, seed: options.seed ?? 7, conditions: this.conditions });
  }

  play(view: ClusterView, seconds: number): DataPlaneTick {
    let last: DataPlaneTick | null = null;
    for (let i = 0; i < seconds; i += 1) {
      this.nowMs += 1000;
      last = this.plane.tick(this.nowMs, view);
    }
    return last as DataPlaneTick;
  }

  /** Plays the seconds and returns their window alone. */
  window(view: ClusterView, seconds: number): FlowWindow {
    this.plane.closeWindow(this.nowMs);
    this.play(view, seconds);
    return this.plane.closeWindow(this.nowMs);
  }
}

/** One station: service `s` with one operation on one pod. */
export function station(options: {
  requestsPerSec: number;
  cpuMs: number;
  cores: number;
  scv?: number;
  waitMs?: number;
}): { spec: TwinSpec; view: ClusterView } {
  const { requestsPerSec, cpuMs, cores, scv = 1, waitMs = 0 } = options;
  return {
    spec: twinSpec({
      services: [serviceSpec('s', [operationSpec('Get', { cpuMs, scv, waitMs })])],
      journeys: [journeySpec('visit', 's', 'Get', { timeoutMs: 1e9, latencySloMs: 1e9 })],
      workload: { requestsPerSec },
    }),
    view: clusterView([
      podView('s', 'a', { cpuLimitCores: cores, memoryLimitBytes: 64_000 * megabyte }),
    ]),
  };
}

/** front → mid → store over three zones, one pod each, with timeouts and one retry by users. */
export function chain(
  changes: {
    call?: Partial<CallSpec>;
    journey?: Partial<JourneySpec>;
    store?: Partial<ServiceSpec>;
    storeOperation?: Partial<OperationSpec>;
    workload?: Partial<TwinSpec['workload']>;
  } = {},
): { spec: TwinSpec; view: ClusterView } {
  const services = [
    serviceSpec('front', [
      operationSpec('Home', { cpuMs: 2, calls: [callSpec('mid', 'Work', changes.call)] }),
    ]),
    serviceSpec('mid', [
      operationSpec('Work', { cpuMs: 3, calls: [callSpec('store', 'Read', changes.call)] }),
    ]),
    serviceSpec(
      'store',
      [operationSpec('Read', { cpuMs: 4, waitMs: 3, category: 'db', ...changes.storeOperation })],
      { kind: 'datastore', ...changes.store },
    ),
  ];
  const pods = services.flatMap((service) =>
    ['a', 'b', 'c'].map((zone) => podView(service.name, zone)),
  );
  return {
    spec: twinSpec({
      services,
      journeys: [journeySpec('visit', 'front', 'Home', changes.journey)],
      workload: { requestsPerSec: 60, ...changes.workload },
      network: { sameZoneMs: 0.2, crossZoneMs: 0.8 },
    }),
    view: clusterView(pods),
  };
}
