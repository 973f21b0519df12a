import { Buffer } from 'node:buffer';
import type { Kind, KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { apiVersionOf, kindInfo } from './kinds.ts';
import { notReady, unreachable } from './node-taints.ts';
import { isTolerated } from './selectors.ts';

type Pod = KindMap['Pod'];
type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

const evictionSeconds = 300;

/** The object as admission leaves it: defaults filled in, what the user said untouched. */
export function admit<K extends Kind>(object: KindMap[K]): KindMap[K] {
  const typed = withTypeAndNamespace(object);
  switch (typed.kind) {
    case 'Deployment':
      return admitDeployment(typed as KindMap['Deployment']) as KindMap[K];
    case 'Pod':
      return admitPod(typed as Pod) as KindMap[K];
    case 'Service':
      return admitService(typed as KindMap['Service']) as KindMap[K];
    case 'HorizontalPodAutoscaler':
      return admitAutoscaler(typed as KindMap['HorizontalPodAutoscaler']) as KindMap[K];
    case 'PodDisruptionBudget':
      return admitBudget(typed as KindMap['PodDisruptionBudget']) as KindMap[K];
    case 'ConfigMap':
      return admitConfigMap(typed as KindMap['ConfigMap']) as KindMap[K];
    case 'Secret':
      return admitSecret(typed as KindMap['Secret']) as KindMap[K];
    case 'Namespace':
      return { ...typed, status: { phase: 'Active' } } as KindMap[K];
    default:
      return typed as KindMap[K];
  }
}

function withTypeAndNamespace(object: KubernetesObject): KubernetesObject {
  const kind = kindInfo(object.kind as string, object.apiVersion);
  const { namespace, ...metadata } = object.metadata ?? {};
  return {
    ...object,
    apiVersion: object.apiVersion ?? apiVersionOf(kind),
    metadata: kind.namespaced ? { ...metadata, namespace: namespace ?? 'default' } : metadata,
  } as KubernetesObject;
}

function admitDeployment(deployment: KindMap['Deployment']): KindMap['Deployment'] {
  const { spec } = deployment;
  if (spec === undefined) return deployment;
  const type = spec.strategy?.type ?? 'RollingUpdate';
  const rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...spec.strategy?.rollingUpdate };
  return {
    ...deployment,
    spec: {
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
      replicas: spec.replicas ?? 1,
      template: {
        ...spec.template,
        ...(spec.template.spec ? { spec: podDefaults(spec.template.spec) } : {}),
      },
      strategy: type === 'RollingUpdate' ? { type, rollingUpdate } : { type },
    },
  };
}

/** Defaults that templates show, too. */
function podDefaults(spec: PodSpec): PodSpec {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...spec,
    containers: spec.containers.map(containerDefaults),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(containerDefaults) } : {}),
  };
}

function containerDefaults(container: Container): Container {
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: hasMovingTag(container.image ?? '') ? 'Always' : 'IfNotPresent',
    resources: {},
    ...container,
    ...(container.ports
      ? { ports: container.ports.map((port) => ({ protocol: 'TCP', ...port })) }
      : {}),
    ...probesOf(container),
  };
}

function probesOf(container: Container): Partial<Container> {
  const probes: Partial<Container> = {};
  for (const name of ['readinessProbe', 'livenessProbe', 'startupProbe'] as const) {
    const probe = container[name];
    if (probe === undefined) continue;
    probes[name] = {
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
      ...probe,
    };
  }
  return probes;
}

function hasMovingTag(image: string): boolean {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return !name.includes('@') && (!name.includes(':') || name.endsWith(':latest'));
}

/** A pod as the API server stores it: defaults, the two eviction tolerations, and its QoS class. */
export function admitPod(pod: Pod): Pod {
  if (pod.spec === undefined) return pod;
  const spec = podDefaults(pod.spec);
  return {
    ...pod,
    spec: {
      serviceAccountName: 'default',
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
      ...spec,
      tolerations: evictionTolerations(spec),
    },
    status: { phase: 'Pending', qosClass: qosClass(spec) },
  };
}

function evictionTolerations({ tolerations = [] }: PodSpec): NonNullable<PodSpec['tolerations']> {
  const missing = [notReady, unreachable].filter(
    (key) => !isTolerated({ key, effect: 'NoExecute' }, tolerations),
  );
  return [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: evictionSeconds,
    })),
  ];
}

function qosClass({ containers }: PodSpec): string {
  const resources = containers.map((container) => container.resources ?? {});
  if (resources.every(({ requests, limits }) => !hasAny(requests) && !hasAny(limits)))
    return 'BestEffort';
  const guaranteed = resources.every(({ requests, limits }) =>
    ['cpu', 'memory'].every(
      (name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name],
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function hasAny(amounts: Readonly<Record<string, unknown>> | undefined): boolean {
  return amounts !== undefined && Object.keys(amounts).length > 0;
}

function admitService(service: KindMap['Service']): KindMap['Service'] {
  return {
    ...service,
    spec: { type: 'ClusterIP', sessionAffinity: 'None', ...service.spec },
    status: { loadBalancer: {} },
  };
}

/** A key without a value has the empty text. */
function admitConfigMap(config: KindMap['ConfigMap']): KindMap['ConfigMap'] {
  const entries = Object.entries((config.data ?? {}) as Record<string, string | null>);
  if (entries.every(([, text]) => text !== null)) return config;
  return { ...config, data: Object.fromEntries(entries.map(([key, text]) => [key, text ?? ''])) };
}

/**
 * `stringData` is for writing only: it goes into `data`, in base64, and wins over what is there.
 */
function admitSecret({ stringData, ...secret }: KindMap['Secret']): KindMap['Secret'] {
  if (stringData === undefined) return secret;
  const encoded = Object.entries(stringData).map(([name, value]): [string, string] => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(encoded) } };
}

function admitAutoscaler(
  autoscaler: KindMap['HorizontalPodAutoscaler'],
): KindMap['HorizontalPodAutoscaler'] {
  if (autoscaler.spec === undefined) return autoscaler;
  return { ...autoscaler, spec: { minReplicas: 1, ...autoscaler.spec } };
}

/** A new budget allows nothing until its controller has counted. */
function admitBudget(budget: KindMap['PodDisruptionBudget']): KindMap['PodDisruptionBudget'] {
  return {
    ...budget,
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  };
}
