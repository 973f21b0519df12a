import type { KindMap } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';
import { runtimeOf } from './pod-runtime.ts';
import { isPodReady } from './pod-status.ts';
import { nameSuffix } from './replica-set.ts';
import { matchesLabels } from './selectors.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
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
  const pods = selector === undefined ? [] : podsBehind(cluster, { namespace, selector });
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

function podsBehind(
  cluster: Cluster,
  { namespace, selector }: { namespace: string; selector: Readonly<Record<string, string>> },
): Pod[] {
  const pods: Pod[] = [];
  for (const pod of objectsOf(cluster, 'Pod').values()) {
    const isHere =
      pod.metadata?.namespace === namespace && matchesLabels(selector, pod.metadata?.labels);
    if (isHere && pod.spec?.nodeName) pods.push(pod);
  }
  return pods;
}

/** Ready, and not on its way out. */
function takesTraffic(pod: Pod): boolean {
  return isPodReady(pod) && !pod.metadata?.deletionTimestamp;
}

function noteTraffic(cluster: Cluster, pod: Pod): void {
  const runtime = runtimeOf(cluster, pod);
  const inEndpoints = takesTraffic(pod) && isSelected(cluster, pod);
  if (runtime.inEndpoints === inEndpoints) return;
  runtime.inEndpoints = inEndpoints;
  runtime.revision += 1;
  cluster.state.version += 1;
}

function isSelected(cluster: Cluster, pod: Pod): boolean {
  for (const service of objectsOf(cluster, 'Service').values()) {
    const selector = service.spec?.selector;
    if (selector === undefined || service.metadata?.namespace !== pod.metadata?.namespace) continue;
    if (matchesLabels(selector, pod.metadata?.labels)) return true;
  }
  return false;
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
