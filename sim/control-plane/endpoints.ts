import type { KindMap } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';
import { nameSuffix } from './name-suffix.ts';
import { podsSelectedBy, selectorsFor } from './object-index.ts';
import { noteRuntime } from './pod-log.ts';
import { runtimeOf } from './pod-runtime.ts';
import { isPodReady } from './pod-status.ts';
import { type Cluster, findObject } from './state.ts';
import { dropObject, insertObject, updateObject } from './store.ts';

type Pod = KindMap['Pod'];
type Service = KindMap['Service'];
type EndpointSlice = KindMap['EndpointSlice'];
type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

const manager = 'kube-controller-manager';

/** Writes the EndpointSlice of a Service and notes which of its pods take traffic. */
export function syncEndpoints(cluster: Cluster, key: string): void {
  const service = findObject(cluster, 'Service', key);
  const [namespace = '', name = ''] = key.split('/');
  const sliceName = `${name}-${nameSuffix(`endpointslice/${key}`)}`;
  const before = findObject(cluster, 'EndpointSlice', objectKey(namespace, sliceName));
  const selector = service?.spec?.selector;
  const pods = service ? podsSelectedBy(cluster, service).filter((pod) => pod.spec?.nodeName) : [];
  if (service === undefined || selector === undefined) {
    if (before) dropObject(cluster, before);
  } else {
    const slice = renderSlice(cluster, service, { sliceName, pods });
    if (before)
      updateObject(
        cluster,
        before,
        { ...before, ...slice, metadata: before.metadata ?? {} },
        manager,
      );
    else insertObject(cluster, slice, manager);
  }
  const former = (before?.endpoints ?? []).flatMap((endpoint) => {
    const pod = findObject(cluster, 'Pod', objectKey(namespace, endpoint.targetRef?.name ?? ''));
    return pod ? [pod] : [];
  });
  for (const pod of [...pods, ...former]) noteTraffic(cluster, pod);
}

/** Ready, and not on its way out. */
export function takesTraffic(pod: Pod): boolean {
  return isPodReady(pod) && !pod.metadata?.deletionTimestamp;
}

function noteTraffic(cluster: Cluster, pod: Pod): void {
  const runtime = runtimeOf(cluster, pod);
  const inEndpoints = takesTraffic(pod) && isSelected(cluster, pod);
  if (runtime.inEndpoints === inEndpoints) return;
  runtime.inEndpoints = inEndpoints;
  noteRuntime(cluster, runtime);
}

function isSelected(cluster: Cluster, pod: Pod): boolean {
  const { namespace = '', labels = {} } = pod.metadata ?? {};
  return selectorsFor(cluster, 'Service', { namespace, labels }).length > 0;
}

function renderSlice(
  cluster: Cluster,
  service: Service,
  { sliceName, pods }: { sliceName: string; pods: readonly Pod[] },
): EndpointSlice {
  const { name = '', namespace = '', uid = '', labels } = service.metadata ?? {};
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: sliceName,
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType: 'IPv4',
    endpoints: pods.filter((pod) => pod.status?.podIP).map((pod) => renderEndpoint(cluster, pod)),
    ports: (service.spec?.ports ?? []).map((port) => ({
      name: port.name ?? '',
      port: typeof port.targetPort === 'number' ? port.targetPort : port.port,
      protocol: port.protocol ?? 'TCP',
    })),
  };
}

function renderEndpoint({ setup }: Cluster, pod: Pod): Endpoint {
  const { name = '', namespace = '', uid = '', deletionTimestamp } = pod.metadata ?? {};
  const nodeName = pod.spec?.nodeName ?? '';
  const serving = isPodReady(pod);
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: takesTraffic(pod), serving, terminating: deletionTimestamp !== undefined },
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName,
    zone: setup.nodeSpecs.get(nodeName)?.zone ?? '',
  };
}
