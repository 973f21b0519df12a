/** What a workload is told and what it keeps: ConfigMaps, Secrets, claims. */
import type { KindMap } from '../core/observable/index.ts';

type PodSpec = NonNullable<NonNullable<KindMap['Deployment']['spec']>['template']['spec']>;
type Container = PodSpec['containers'][number];

interface Named {
  readonly name: string;
  readonly namespace: string;
}

interface Callee {
  readonly name: string;
  readonly port: number;
}

/** `user-service` becomes `USER_SERVICE`. */
export function variableName(service: string): string {
  return service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/** One variable per peer, as `USER_SERVICE_ADDR=user-service:9090`. */
export function addresses(callees: readonly Callee[]): Record<string, string> {
  return Object.fromEntries(
    callees.map(({ name, port }) => [`${variableName(name)}_ADDR`, `${name}:${port}`]),
  );
}

export function settingsName(service: string): string {
  return `${service}-settings`;
}

/** The ConfigMap that holds the addresses of a service's peers. */
export function renderSettings({
  name,
  namespace,
  callees,
}: Named & { readonly callees: readonly Callee[] }): KindMap['ConfigMap'] {
  const metadata = { name: settingsName(name), namespace, labels: { app: name } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: addresses(callees) };
}

/** The Secret from which a store and its clients read the store's password. */
export function renderPassword({ name, namespace }: Named): KindMap['Secret'] {
  const metadata = { name: `${name}-password`, namespace, labels: { app: name } };
  // The text `example`; nobody's password.
  const data = { password: 'ZXhhbXBsZQ==' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data };
}

/** A variable that takes a store's password. */
export function passwordVariable(
  store: string,
  name: string,
): NonNullable<Container['env']>[number] {
  return { name, valueFrom: { secretKeyRef: { name: `${store}-password`, key: 'password' } } };
}

const className = 'regional';

/**
 * Disks that the cloud keeps in every zone of the region and attaches to one node at a time, as
 * regional persistent disks are.
 */
export function renderStorageClass(): KindMap['StorageClass'] {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: className,
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'pd.csi.storage.gke.io',
    parameters: { type: 'pd-balanced', 'replication-type': 'regional-pd' },
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  };
}

export function renderClaim({
  name,
  namespace,
  bytes,
}: Named & { readonly bytes: number }): KindMap['PersistentVolumeClaim'] {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${name}-data`, namespace, labels: { app: name } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: className,
      resources: { requests: { storage: `${Math.round(bytes / 1_073_741_824)}Gi` } },
    },
  };
}

export const dataMount: NonNullable<Container['volumeMounts']>[number] = {
  name: 'data',
  mountPath: '/data',
};

/** What a pod says of its volume; the group owns the files, so that its user may write them. */
export function storedPod(name: string): Partial<PodSpec> {
  return {
    securityContext: { runAsUser: 999, fsGroup: 999 },
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `${name}-data` } }],
  };
}
