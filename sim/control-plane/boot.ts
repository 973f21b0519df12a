import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { hashText, InputError } from '../../core/tools/index.ts';
import type { NodeSpec } from '../../core/truth/index.ts';
import { createObject } from './api.ts';
import { kindInfo } from './kinds.ts';
import { healthyConditions, leaseRenewalUs } from './node-kubelet.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, setTimer } from './state.ts';
import { insertObject, nowText } from './store.ts';
import { createZone } from './zone-disruption.ts';

const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Fills an empty cluster: namespaces, nodes with their Leases, and the spec's manifests. */
export function bootCluster(cluster: Cluster): void {
  const { spec } = cluster.setup;
  for (const name of systemNamespaces) createNamespace(cluster, name, 'kube-apiserver');
  for (const node of spec.nodes) createNode(cluster, node);
  for (const object of spec.objects) createMissingNamespace(cluster, object);
  for (const object of spec.objects) applyManifest(cluster, object);
  setTimer(cluster, cluster.state.nowUs, { kind: 'monitor_nodes' });
  cluster.state.booted = true;
}

function createNamespace(cluster: Cluster, name: string, manager: string): void {
  const labels = { 'kubernetes.io/metadata.name': name };
  const namespace: KindMap['Namespace'] = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
  insertObject(cluster, namespace, manager);
}

function createMissingNamespace(cluster: Cluster, object: KubernetesObject): void {
  const name = kindInfo(object.kind as string, object.apiVersion).namespaced
    ? (object.metadata?.namespace ?? 'default')
    : undefined;
  if (name !== undefined && !findObject(cluster, 'Namespace', name)) {
    createNamespace(cluster, name, 'cd-pipeline');
  }
}

function applyManifest(cluster: Cluster, object: KubernetesObject): void {
  const name = object.metadata?.name ?? '';
  // A namespace that others already needed exists by now.
  if (object.kind === 'Namespace' && findObject(cluster, 'Namespace', name)) return;
  const result = createObject(cluster, object, { fieldManager: 'cd-pipeline' });
  if (!result.ok) {
    throw new InputError(`manifest of ${object.kind} "${name}" refused: ${result.status.message}`);
  }
}

function createNode(cluster: Cluster, spec: NodeSpec): void {
  const { state } = cluster;
  const leasePhaseUs = state.nowUs - (hashText(spec.name) % (leaseRenewalUs / 1000)) * 1000;
  const zone = `${spec.region}/${spec.zone}`;
  state.nodes.set(spec.name, {
    name: spec.name,
    zone,
    powered: true,
    kubeletUp: true,
    leasePhaseUs,
    lastRenewalUs: leasePhaseUs,
    observedUs: state.nowUs,
    observedRenewalUs: leasePhaseUs,
    observedReady: 'True',
    taintQueuedUs: null,
    podAddresses: 0,
  });
  if (!state.zones.has(zone)) state.zones.set(zone, createZone(state.nowUs));
  const node = insertObject(cluster, renderNode(cluster, spec), 'kubelet');
  insertObject(cluster, renderLease(cluster, node), 'kubelet');
  recordEvent(cluster, node, {
    type: 'Normal',
    reason: 'RegisteredNode',
    message: `Node ${spec.name} event: Registered Node ${spec.name} in Controller`,
    source: 'node-controller',
  });
}

function renderNode(cluster: Cluster, spec: NodeSpec): KindMap['Node'] {
  const resources = {
    cpu: quantityOfCores(spec.cpuCores),
    memory: `${Math.floor(spec.memoryBytes / 1024)}Ki`,
    pods: '110',
  };
  const address = `10.0.0.${cluster.state.nodes.size + 1}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': spec.region,
        'topology.kubernetes.io/zone': spec.zone,
        ...spec.labels,
        'kubernetes.io/hostname': spec.name,
      },
    },
    spec: {},
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: healthyConditions(cluster),
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: spec.name },
      ],
    },
  };
}

function quantityOfCores(cores: number): string {
  return Number.isInteger(cores) ? String(cores) : `${Math.round(cores * 1000)}m`;
}

function renderLease(cluster: Cluster, node: KindMap['Node']): KindMap['Lease'] {
  const name = node.metadata?.name ?? '';
  const uid = node.metadata?.uid ?? '';
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: nowText(cluster) },
  };
}
