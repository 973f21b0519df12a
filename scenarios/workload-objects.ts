import type { KindMap, KubernetesObject } from '../core/observable/index.ts';
import {
  addresses,
  dataMount,
  passwordVariable,
  renderClaim,
  renderPassword,
  renderSettings,
  settingsName,
  storedPod,
  variableName,
} from './settings-objects.ts';

/** What the cluster is told of one service, in short; expands to the usual Kubernetes objects. */
export interface WorkloadPlan {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly port: number;
  readonly probe: 'grpc' | 'http' | 'tcp';
  readonly startupMs: number;
  readonly replicas: number;
  readonly cpuCores: { readonly request: number; readonly limit: number };
  readonly memoryBytes: { readonly request: number; readonly limit: number };
  /** Up to so many replicas, at this CPU use as a share of the request; null: no autoscaler. */
  readonly autoscale: { readonly replicasMax: number; readonly utilization: number } | null;
  /** Where its volume lies, so that it should run there; null for what keeps nothing. */
  readonly homeZone: string | null;
  /** Where peers' addresses stand; `env` unless given. */
  readonly settings?: 'env' | 'config_map';
  /** Size of its volume; absent or null for what keeps nothing. */
  readonly volumeBytes?: number | null;
  /** It asks its clients for a password. */
  readonly hasPassword?: boolean;
  readonly callees: readonly Callee[];
}

interface Callee {
  readonly name: string;
  readonly port: number;
  readonly hasPassword?: boolean;
}

type PodSpec = NonNullable<NonNullable<KindMap['Deployment']['spec']>['template']['spec']>;
type Container = PodSpec['containers'][number];
type Probe = NonNullable<Container['livenessProbe']>;

/** Processes that take longer than this to listen have a start-up probe. */
const quickStartMs = 15_000;
const startupPeriodSec = 5;

/**
 * A Deployment and a Service; a PodDisruptionBudget where there is more than one pod (over a single
 * one it would forbid every drain) and a HorizontalPodAutoscaler where the plan has one.
 */
export function renderWorkload(plan: WorkloadPlan): KubernetesObject[] {
  return [
    ...(plan.settings === 'config_map' ? [renderSettings(plan)] : []),
    ...(plan.hasPassword ? [renderPassword(plan)] : []),
    ...(plan.volumeBytes ? [renderClaim({ ...plan, bytes: plan.volumeBytes })] : []),
    renderDeployment(plan),
    renderService(plan),
    ...(plan.replicas > 1 ? [renderBudget(plan)] : []),
    ...(plan.autoscale ? [renderAutoscaler(plan, plan.autoscale)] : []),
  ];
}

function metadataOf({ name, namespace }: WorkloadPlan): {
  name: string;
  namespace: string;
  labels: { app: string };
} {
  return { name, namespace, labels: { app: name } };
}

function renderDeployment(plan: WorkloadPlan): KindMap['Deployment'] {
  const labels = { app: plan.name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(plan),
    spec: {
      replicas: plan.replicas,
      revisionHistoryLimit: 10,
      // Two pods never write to one volume.
      strategy: plan.volumeBytes
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 5,
          ...placement(plan),
          ...(plan.volumeBytes ? storedPod(plan.name) : {}),
          containers: [renderContainer(plan)],
        },
      },
    },
  };
}

/** Replicas in different zones, a store beside its volume; rather anywhere than not at all. */
function placement({ name, homeZone, replicas }: WorkloadPlan): Partial<PodSpec> {
  const topologyKey = 'topology.kubernetes.io/zone';
  if (homeZone !== null && replicas === 1) {
    const preference = {
      matchExpressions: [{ key: topologyKey, operator: 'In', values: [homeZone] }],
    };
    const preferred = [{ weight: 100, preference }];
    return {
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
    };
  }
  const labelSelector = { matchLabels: { app: name } };
  const whenUnsatisfiable = 'ScheduleAnyway';
  return {
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector }],
  };
}

function renderContainer(plan: WorkloadPlan): Container {
  const { image, port, cpuCores, memoryBytes } = plan;
  return {
    name: 'server',
    image,
    ports: [{ name: portName(plan), containerPort: port }],
    ...environment(plan),
    ...(plan.volumeBytes ? { volumeMounts: [dataMount] } : {}),
    resources: {
      requests: { cpu: cpuText(cpuCores.request), memory: memoryText(memoryBytes.request) },
      limits: { cpu: cpuText(cpuCores.limit), memory: memoryText(memoryBytes.limit) },
    },
    ...renderProbes(plan),
  };
}

/** Addresses of peers, and the passwords of those that ask for one. */
function environment(plan: WorkloadPlan): Partial<Container> {
  const { callees, name, hasPassword = false } = plan;
  const isMapped = plan.settings === 'config_map';
  return {
    ...(isMapped ? { envFrom: [{ configMapRef: { name: settingsName(name) } }] } : {}),
    env: [
      ...(isMapped ? [] : Object.entries(addresses(callees))).map(([key, value]) => ({
        name: key,
        value,
      })),
      ...(hasPassword ? [passwordVariable(name, 'PASSWORD')] : []),
      ...callees
        .filter((callee) => callee.hasPassword)
        .map((callee) => passwordVariable(callee.name, `${variableName(callee.name)}_PASSWORD`)),
    ],
  };
}

/** Liveness is patient, so that an overloaded process is not killed for being slow. */
function renderProbes(plan: WorkloadPlan): Partial<Container> {
  const check = checkOf(plan);
  const isQuick = plan.startupMs <= quickStartMs;
  const delay = isQuick ? { initialDelaySeconds: 2 } : {};
  // Three times the usual start-up before the kubelet gives up on a process.
  const startupTries = Math.ceil((3 * plan.startupMs) / (startupPeriodSec * 1000));
  return {
    ...(isQuick
      ? {}
      : {
          startupProbe: {
            ...check,
            periodSeconds: startupPeriodSec,
            failureThreshold: startupTries,
          },
        }),
    readinessProbe: { ...check, ...delay, periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: {
      ...check,
      initialDelaySeconds: isQuick ? Math.ceil(plan.startupMs / 1000) : 0,
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
  };
}

function checkOf({ probe, port }: WorkloadPlan): Probe {
  if (probe === 'grpc') return { grpc: { port } };
  if (probe === 'http') return { httpGet: { path: '/healthz', port } };
  return { tcpSocket: { port } };
}

function portName({ probe }: WorkloadPlan): string {
  return probe === 'tcp' ? 'tcp' : probe;
}

function renderService(plan: WorkloadPlan): KindMap['Service'] {
  const { name, port } = plan;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(plan),
    spec: {
      type: 'ClusterIP',
      selector: { app: name },
      ports: [{ name: portName(plan), port, targetPort: port }],
    },
  };
}

function renderBudget(plan: WorkloadPlan): KindMap['PodDisruptionBudget'] {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(plan),
    spec: {
      maxUnavailable: 1,
      // A pod that is down already may always be moved.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: { app: plan.name } },
    },
  };
}

function renderAutoscaler(
  plan: WorkloadPlan,
  { replicasMax, utilization }: NonNullable<WorkloadPlan['autoscale']>,
): KindMap['HorizontalPodAutoscaler'] {
  const target = { type: 'Utilization', averageUtilization: Math.round(100 * utilization) };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadataOf(plan),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: plan.name },
      minReplicas: plan.replicas,
      maxReplicas: replicasMax,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  };
}

function cpuText(cores: number): string {
  return `${Math.round(1000 * cores)}m`;
}

function memoryText(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)}Mi`;
}
