import type {
  ApiResult,
  ClusterEvent,
  KindMap,
  KubernetesObject,
} from '../../../core/observable/index.ts';
import type { NodeSpec, ServiceSpec, TwinSpec } from '../../../core/truth/index.ts';
import { type Conditions, createConditions } from '../../../sim/conditions.ts';
import { ControlPlane } from '../../../sim/control-plane/control-plane.ts';

const gibibyte = 1024 * 1024 * 1024;

export interface WorkloadOptions {
  readonly replicas?: number;
  readonly image?: string;
  readonly container?: Partial<Container>;
  readonly pod?: Partial<PodSpec>;
  readonly spec?: Partial<NonNullable<KindMap['Deployment']['spec']>>;
}

type PodSpec = NonNullable<KindMap['Pod']['spec']>;
type Container = PodSpec['containers'][number];

/** A Deployment of one container that asks for 100m and 64Mi and is probed every 5 s. */
export function deployment(name: string, options: WorkloadOptions = {}): KindMap['Deployment'] {
  const labels = { app: name };
  const container: Container = {
    name: 'server',
    image: options.image ?? `${name}:1`,
    ports: [{ containerPort: 8080 }],
    resources: {
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { cpu: '200m', memory: '128Mi' },
    },
    readinessProbe: { periodSeconds: 5, httpGet: { path: '/healthz', port: 8080 } },
    ...options.container,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: options.replicas ?? 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], ...options.pod } },
      ...options.spec,
    },
  };
}

export function service(name: string): KindMap['Service'] {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

export function budget(
  name: string,
  spec: NonNullable<KindMap['PodDisruptionBudget']['spec']>,
): KindMap['PodDisruptionBudget'] {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  };
}

function serviceSpec(name: string): ServiceSpec {
  return {
    name,
    namespace: 'default',
    kind: 'service',
    workload: name,
    startupMs: 3000,
    coldFactor: 0,
    coldMs: 0,
    concurrencyMax: 100,
    memory: { baseBytes: 1e7, perInFlightBytes: 1e5 },
    operations: [],
  };
}

/** `count` nodes per zone a, b, c…, named a1, a2, b1…; 2 cores and 4 GiB each. */
export function nodeSpecs(zones: number, count: number): NodeSpec[] {
  const letters = 'abcdef'.slice(0, zones);
  return [...letters].flatMap((letter) =>
    Array.from({ length: count }, (_, index) => ({
      name: `${letter}${index + 1}`,
      zone: `us-east-1${letter}`,
      region: 'us-east-1',
      cpuCores: 2,
      memoryBytes: 4 * gibibyte,
      labels: {},
    })),
  );
}

export interface World {
  readonly spec: TwinSpec;
  readonly conditions: Conditions;
  readonly plane: ControlPlane;
}

export function createWorld(options: {
  readonly objects: readonly KubernetesObject[];
  readonly nodes?: readonly NodeSpec[];
  readonly services?: readonly string[];
}): World {
  const spec: TwinSpec = {
    name: 'fixture',
    objects: options.objects,
    nodes: options.nodes ?? nodeSpecs(3, 1),
    services: (options.services ?? ['web']).map(serviceSpec),
    journeys: [],
    workload: {
      requestsPerSec: 1,
      dailySwing: 0,
      peakHour: 0,
      noiseSd: 0,
      noiseSlope: 1.4,
      dispersion: 1,
      crowdsPerDay: 0,
      largestCrowd: 0,
      happeningsPerHour: 0,
      recording: null,
    },
    network: { sameZoneMs: 1, crossZoneMs: 2 },
  };
  const conditions = createConditions();
  // What the tests roll out, beside the images of their manifests.
  for (const tag of ['2', '3', '4']) conditions.publishedImages.add(`web:${tag}`);
  const plane = new ControlPlane({ spec, conditions, startMs: -60_000 });
  return { spec, conditions, plane };
}

/** The object of an answer that must be good. */
export function expectOk<T>(result: ApiResult<T>): T {
  if (!result.ok) throw new Error(`${result.status.code} ${result.status.message}`);
  return result.object;
}

export async function getDeployment(
  plane: ControlPlane,
  name: string,
): Promise<KindMap['Deployment']> {
  return expectOk(await plane.api.get({ kind: 'Deployment', namespace: 'default', name }));
}

export async function listPods(
  plane: ControlPlane,
  app: string,
): Promise<readonly KindMap['Pod'][]> {
  return expectOk(await plane.api.list('Pod', { namespace: 'default', labelSelector: { app } }));
}

export function readyOf(pod: KindMap['Pod']): string | undefined {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

/** `reason message` lines, at whole seconds from the run's start. */
export function eventLines(events: readonly ClusterEvent[], reason: string): string[] {
  return events
    .filter((event) => event.reason === reason)
    .map((event) => `${Math.round(event.atMs / 1000)} ${event.message}`);
}
