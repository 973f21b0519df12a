import {
  type ClusterApi,
  type ComponentId,
  deploymentTarget,
  type KubernetesObject,
  type ObjectRef,
  procedureOf,
  type ServiceEntry,
  type Topology,
} from '../../core/observable/index.ts';
import { canonicalJson } from '../../core/tools/index.ts';
import { editedObject, type ObjectEdit } from '../../core/truth/index.ts';

/** Where an edit is about to be made, and what that would look like without the fault. */
export interface EditPlace {
  readonly cluster: ClusterApi;
  readonly noFault: ClusterApi;
  readonly topology: Topology;
}

/**
 * What an edit acts on, as the test for collateral takes it: the target of a procedure, a node, the
 * services whose pods the object scales, selects, guards, feeds or routes to; else the object
 * itself, if the fault has left it as it was. Empty where it is nobody's own: what the fault
 * changed or brought, and what is new.
 */
export async function subjectsOf(change: ObjectEdit, place: EditPlace): Promise<string[]> {
  const ref = editedObject(change);
  const manifest = 'manifest' in change ? change.manifest : null;
  const procedure = manifest === null ? null : procedureTarget(manifest);
  if (procedure !== null) return [procedure];
  if (ref.kind === 'Node') return [`node/${ref.name}`];
  const found = await place.cluster.get(ref);
  const objects = [...(found.ok ? [found.object] : []), ...(manifest === null ? [] : [manifest])];
  const services = await servicesOf(objects, place);
  if (services.length > 0) return services.map(deploymentTarget);
  const sound = await place.noFault.get(ref);
  const isUntouched = found.ok && sound.ok && declared(found.object) === declared(sound.object);
  return isUntouched ? [componentOf(ref)] : [];
}

/** What no service owns is settings or storage. */
function componentOf({ kind, name }: ObjectRef): ComponentId {
  return /^(PersistentVolume|StorageClass)/.test(kind) ? `volume/${name}` : `config/${name}`;
}

function procedureTarget(manifest: KubernetesObject): string | null {
  return manifest.kind === 'Job'
    ? (procedureOf(manifest as Parameters<typeof procedureOf>[0])?.target ?? null)
    : null;
}

/** What somebody wanted of an object, without what the API server and controllers wrote. */
function declared(object: KubernetesObject): string {
  const { status: _, metadata, ...rest } = object as KubernetesObject & { status?: unknown };
  return canonicalJson([rest, metadata?.labels ?? {}, metadata?.annotations ?? {}]);
}

async function servicesOf(
  objects: readonly KubernetesObject[],
  { cluster, noFault, topology }: EditPlace,
): Promise<ServiceEntry[]> {
  // A service's own Deployment may be what the fault has taken away or changed.
  const workloads = [await cluster.list('Deployment'), await noFault.list('Deployment')].flatMap(
    (answer): readonly Workload[] => (answer.ok ? (answer.object as readonly Workload[]) : []),
  );
  const isOwned = ({ name, namespace, workload }: ServiceEntry): boolean =>
    objects.some((object) => {
      const { metadata } = object;
      if ((metadata?.namespace ?? 'default') !== namespace) return false;
      if (object.kind === 'Deployment') return metadata?.name === workload;
      if (object.kind === 'Service' && metadata?.name === name) return true;
      if (namesOf(object).some((named) => named === name || named === workload)) return true;
      return workloads
        .filter((entry) => entry.metadata?.name === workload)
        .filter((entry) => entry.metadata?.namespace === namespace)
        .some((entry) => isSelected(object, entry) || isMounted(object, entry));
    });
  return topology.services.filter(isOwned);
}

interface Workload {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly labels?: Labels };
      readonly spec?: unknown;
    };
  };
}

type Labels = Readonly<Record<string, string>>;

/** Services and Deployments that an object gives by name: to scale them or to route to them. */
function namesOf(object: KubernetesObject): string[] {
  const { spec } = object as {
    readonly spec?: {
      readonly scaleTargetRef?: { readonly name?: string };
      readonly targetRefs?: readonly { readonly name?: string }[];
      readonly host?: string;
      readonly hosts?: readonly string[];
    };
  };
  const hosts = [...(spec?.hosts ?? []), ...(spec?.host === undefined ? [] : [spec.host])];
  const refs = [
    ...(spec?.targetRefs ?? []),
    ...(spec?.scaleTargetRef ? [spec.scaleTargetRef] : []),
  ];
  return [...hosts.map((host) => host.split('.')[0] ?? ''), ...refs.map(({ name }) => name ?? '')];
}

/** Whether a Service, a budget or a network policy is about a workload's pods, or a pod is one. */
function isSelected(object: KubernetesObject, { spec }: Workload): boolean {
  const ofTemplate = spec?.template?.metadata?.labels ?? {};
  const [wanted, labels] =
    object.kind === 'Pod'
      ? [ofTemplate, object.metadata?.labels ?? {}]
      : [selectorOf(object), ofTemplate];
  return wanted !== null && Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Requirements beside the labels are taken as met. */
function selectorOf(object: KubernetesObject): Labels | null {
  const { spec } = object as {
    readonly spec?: {
      readonly selector?: Labels & { readonly matchLabels?: Labels };
      readonly podSelector?: { readonly matchLabels?: Labels };
    };
  };
  switch (object.kind) {
    case 'Service':
      return spec?.selector ?? null;
    case 'NetworkPolicy':
      return spec?.podSelector?.matchLabels ?? {};
    case 'PodDisruptionBudget':
    case 'ReplicaSet':
      return spec?.selector?.matchLabels ?? null;
    default:
      return null;
  }
}

/** How pod templates name what they read. */
const referenceKeys: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  ConfigMap: [
    ['configMap', 'name'],
    ['configMapRef', 'name'],
    ['configMapKeyRef', 'name'],
  ],
  PersistentVolumeClaim: [['persistentVolumeClaim', 'claimName']],
  Secret: [
    ['secret', 'secretName'],
    ['secretRef', 'name'],
    ['secretKeyRef', 'name'],
  ],
};

/** Whether a workload's pods mount an object or read it into their environment, or run as it. */
function isMounted({ kind = '', metadata }: KubernetesObject, { spec }: Workload): boolean {
  const name = metadata?.name ?? '';
  const podSpec = spec?.template?.spec;
  if (kind === 'ServiceAccount') {
    return (podSpec as { serviceAccountName?: string } | undefined)?.serviceAccountName === name;
  }
  return (referenceKeys[kind] ?? []).some((keys) => hasReference(podSpec, keys, name));
}

function hasReference(
  value: unknown,
  [outer, inner]: readonly [string, string],
  name: string,
): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, item]) =>
      (key === outer && (item as Readonly<Record<string, unknown>> | null)?.[inner] === name) ||
      hasReference(item, [outer, inner], name),
  );
}
