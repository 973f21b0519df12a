/** What the API server knows of a kind without knowing its fields. */
export interface KindInfo {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Has a status subresource: writes to the main resource leave the status alone. */
  readonly hasStatus: boolean;
  /** `metadata.generation` counts changes of the spec. */
  readonly hasGeneration: boolean;
}

function info(
  kind: string,
  groupVersion: string,
  flags: { plural?: string; cluster?: boolean; status?: boolean; generation?: boolean } = {},
): KindInfo {
  const slash = groupVersion.indexOf('/');
  return {
    kind,
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    plural: flags.plural ?? pluralOf(kind),
    namespaced: !flags.cluster,
    hasStatus: flags.status ?? false,
    hasGeneration: flags.generation ?? false,
  };
}

const both = { status: true, generation: true };

const known: ReadonlyMap<string, KindInfo> = new Map(
  [
    info('ConfigMap', 'v1'),
    info('CronJob', 'batch/v1', both),
    info('Deployment', 'apps/v1', both),
    info('EndpointSlice', 'discovery.k8s.io/v1', { generation: true }),
    info('Endpoints', 'v1', { plural: 'endpoints' }),
    info('Event', 'v1'),
    info('HorizontalPodAutoscaler', 'autoscaling/v2', { status: true }),
    info('Ingress', 'networking.k8s.io/v1', both),
    info('Job', 'batch/v1', both),
    info('Lease', 'coordination.k8s.io/v1'),
    info('LimitRange', 'v1'),
    info('MutatingWebhookConfiguration', 'admissionregistration.k8s.io/v1', {
      cluster: true,
      generation: true,
    }),
    info('Namespace', 'v1', { cluster: true, status: true }),
    info('NetworkPolicy', 'networking.k8s.io/v1', { plural: 'networkpolicies', generation: true }),
    info('Node', 'v1', { cluster: true, status: true }),
    info('Pod', 'v1', both),
    info('PodDisruptionBudget', 'policy/v1', both),
    info('ReplicaSet', 'apps/v1', both),
    info('ResourceQuota', 'v1', { status: true }),
    info('Secret', 'v1'),
    info('Service', 'v1', { status: true }),
    info('ServiceAccount', 'v1'),
    info('DestinationRule', 'networking.istio.io/v1', { generation: true }),
    info('VirtualService', 'networking.istio.io/v1', { generation: true }),
    info('BackendTrafficPolicy', 'gateway.envoyproxy.io/v1alpha1', {
      plural: 'backendtrafficpolicies',
      ...both,
    }),
    info('ClusterRole', 'rbac.authorization.k8s.io/v1', { cluster: true }),
    info('ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', { cluster: true }),
    info('CustomResourceDefinition', 'apiextensions.k8s.io/v1', { cluster: true, ...both }),
    info('PersistentVolume', 'v1', { cluster: true, status: true }),
    info('PersistentVolumeClaim', 'v1', { status: true }),
    info('PriorityClass', 'scheduling.k8s.io/v1', { cluster: true }),
    info('StorageClass', 'storage.k8s.io/v1', { cluster: true, plural: 'storageclasses' }),
    info('ValidatingWebhookConfiguration', 'admissionregistration.k8s.io/v1', {
      cluster: true,
      generation: true,
    }),
  ].map((entry) => [entry.kind, entry]),
);

/** What the API serves, custom resources without a definition left out. */
export const servedKinds: readonly string[] = [...known.keys()];

/**
 * The kind's entry; an unknown kind is taken for a namespaced custom resource of that API version.
 */
export function kindInfo(kind: string, apiVersion = 'v1'): KindInfo {
  return known.get(kind) ?? info(kind, apiVersion, { generation: true });
}

export function apiVersionOf({ group, version }: KindInfo): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `deployments.apps`; `pods` in the core group. */
export function qualifiedPlural({ plural, group }: KindInfo): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `Deployment.apps`; `Pod` in the core group. */
export function qualifiedKind({ kind, group }: KindInfo): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** The store's key: `namespace/name`, or the name alone for cluster-scoped kinds. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith('s') || lower.endsWith('x')) return `${lower}es`;
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
