import type { ChangeEvent, KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import { objectKey } from './kinds.ts';
import { isEqualJson, isRecord } from './plain.ts';
import type { Cluster } from './state.ts';

type Change = Pick<ChangeEvent, 'kind' | 'component' | 'summary' | 'release'>;
type Container = NonNullable<KindMap['Pod']['spec']>['containers'][number];

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

/** Reports what an API write changed of the desired state, as a CD tool or an audit log would. */
export function recordChanges(
  cluster: Cluster,
  actor: string,
  [before, after]: readonly [KubernetesObject | undefined, KubernetesObject | undefined],
): void {
  const { state } = cluster;
  const object = (after ?? before) as KubernetesObject;
  const { namespace = '', name = '' } = object.metadata ?? {};
  for (const change of describeChanges(cluster, before, after)) {
    state.changes.push({
      atMs: state.nowUs / 1000,
      actor,
      object: { kind: object.kind as string, namespace, name },
      ...change,
    });
  }
}

function describeChanges(
  cluster: Cluster,
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
): Change[] {
  const object = (after ?? before) as KubernetesObject;
  const { name = '' } = object.metadata ?? {};
  switch (object.kind) {
    case 'Deployment':
      return deploymentChanges(
        cluster,
        before as KindMap['Deployment'],
        after as KindMap['Deployment'],
      );
    case 'Node':
      return nodeChanges(before as KindMap['Node'], after as KindMap['Node']);
    case 'ConfigMap': {
      const dataOf = (item: KubernetesObject | undefined): unknown =>
        (item as KindMap['ConfigMap'])?.data;
      const same = before && after && isEqualJson(dataOf(before), dataOf(after));
      return same
        ? []
        : [plain('config', `config/${name}`, `ConfigMap ${name} ${verb(before, after)}`)];
    }
    case 'CronJob':
    case 'HorizontalPodAutoscaler':
    case 'Job':
    case 'LimitRange':
    case 'MutatingWebhookConfiguration':
    case 'Namespace':
    case 'NetworkPolicy':
    case 'PersistentVolumeClaim':
    case 'PriorityClass':
    case 'ResourceQuota':
    case 'ServiceAccount':
    case 'ValidatingWebhookConfiguration':
    case 'Secret':
    case 'Service':
      if (before && after && isEqualJson(wishOf(before), wishOf(after))) return [];
      return [
        plain(
          'config',
          componentOf(cluster, object),
          `${object.kind} ${name} ${verb(before, after)}`,
        ),
      ];
    case 'DestinationRule':
    case 'VirtualService':
    case 'BackendTrafficPolicy': {
      const specOf = (item: KubernetesObject | undefined): unknown =>
        (item as KindMap['DestinationRule'])?.spec;
      if (before && after && isEqualJson(specOf(before), specOf(after))) return [];
      return [
        plain('traffic', trafficComponent(object), `${object.kind} ${name} ${verb(before, after)}`),
      ];
    }
    default:
      return [];
  }
}

/** What somebody wants of an object, whatever its kind calls it. */
function wishOf(object: KubernetesObject): unknown {
  const { spec, data, webhooks, value } = object as Record<string, unknown>;
  const labels = object.kind === 'Namespace' ? object.metadata?.labels : undefined;
  return { spec, data, webhooks, value, labels };
}

/** The service that a Service leads to or a policy is about; otherwise a piece of configuration. */
function componentOf({ setup }: Cluster, object: KubernetesObject): string {
  const { name = '' } = object.metadata ?? {};
  const { spec } = object as {
    spec?: {
      podSelector?: { matchLabels?: { app?: string } };
      scaleTargetRef?: { name?: string };
    };
  };
  const selected = spec?.podSelector?.matchLabels?.app ?? spec?.scaleTargetRef?.name;
  const service = object.kind === 'Service' ? name : selected;
  const isKnown = setup.spec.services.some((one) => one.name === service);
  return isKnown ? `service/${service}` : `config/${name}`;
}

function plain(kind: Change['kind'], component: string, summary: string): Change {
  return { kind, component, summary, release: null };
}

function verb(before: unknown, after: unknown): string {
  if (before === undefined) return 'created';
  return after === undefined ? 'deleted' : 'changed';
}

function deploymentChanges(
  { setup }: Cluster,
  before: KindMap['Deployment'] | undefined,
  after: KindMap['Deployment'] | undefined,
): Change[] {
  const { namespace, name = '' } = (after ?? before)?.metadata ?? {};
  const service = setup.services.get(objectKey(namespace, name))?.name ?? name;
  const component = `service/${service}`;
  const containers = (deployment: KindMap['Deployment'] | undefined): readonly Container[] =>
    deployment?.spec?.template.spec?.containers ?? [];
  const changes: Change[] = [];
  const release = imageTag(containers(after)[0]?.image ?? '');
  if (after === undefined) changes.push(plain('config', component, `Deployment ${name} deleted`));
  if (before && after && isReshaped(before, after)) {
    changes.push(plain('config', component, `pods of ${name} reconfigured`));
  }
  for (const container of containers(after)) {
    const old = containers(before).find((item) => item.name === container.name);
    if (before && !old) {
      changes.push(plain('config', component, `container ${container.name} added`));
    } else if (old?.image !== container.image) {
      const summary = before
        ? `image ${old?.image ?? 'none'} -> ${container.image}`
        : `image ${container.image}`;
      changes.push({ kind: 'release', component, summary, release });
    }
    if (old && isReconfigured(old, container)) {
      changes.push(plain('config', component, `container ${container.name} reconfigured`));
    }
  }
  const [from, to] = [before?.spec?.replicas, after?.spec?.replicas];
  if (from !== to) changes.push(plain('scale', component, `replicas ${from ?? 0} -> ${to ?? 0}`));
  const restarted = (deployment: KindMap['Deployment'] | undefined): string | undefined =>
    deployment?.spec?.template.metadata?.annotations?.[restartedAt];
  const at = restarted(after);
  if (before && at !== undefined && at !== restarted(before)) {
    changes.push(plain('restart', component, `restarted at ${at}`));
  }
  return changes;
}

/** Anything of a container but its image. */
function isReconfigured(old: Container, container: Container): boolean {
  return !isEqualJson({ ...old, image: '' }, { ...container, image: '' });
}

/** Anything of the pods but their containers. */
function isReshaped(before: KindMap['Deployment'], after: KindMap['Deployment']): boolean {
  const shapeOf = ({ spec }: KindMap['Deployment']): unknown => ({
    ...spec?.template.spec,
    containers: undefined,
  });
  return !isEqualJson(shapeOf(before), shapeOf(after));
}

function nodeChanges(
  before: KindMap['Node'] | undefined,
  after: KindMap['Node'] | undefined,
): Change[] {
  const component = `node/${(after ?? before)?.metadata?.name}`;
  if (!before || !after) return [plain('node', component, `node ${verb(before, after)}`)];
  const changes: Change[] = [];
  const [was, is] = [before.spec?.unschedulable ?? false, after.spec?.unschedulable ?? false];
  if (was !== is) changes.push(plain('node', component, is ? 'cordoned' : 'uncordoned'));
  if (!isEqualJson(before.spec?.taints ?? [], after.spec?.taints ?? [])) {
    changes.push(plain('node', component, 'taints changed'));
  }
  return changes;
}

/** The service a traffic object is about: its host, or the first target it refers to. */
function trafficComponent(object: KubernetesObject): string {
  const spec = (object as KindMap['DestinationRule']).spec ?? {};
  const { host, hosts, targetRefs } = spec;
  const first = Array.isArray(targetRefs) ? targetRefs[0] : undefined;
  const named =
    host ??
    (Array.isArray(hosts) ? hosts[0] : undefined) ??
    (isRecord(first) ? first.name : undefined);
  return `service/${serviceOfHost(String(named ?? object.metadata?.name))}`;
}

/** `cart`, `cart.shop` and `cart.shop.svc.cluster.local` name the same service. */
export function serviceOfHost(host: string): string {
  return host.split('.')[0] as string;
}
