import type {
  CoreV1Event,
  V1ConfigMap,
  V1CronJob,
  V1Deployment,
  V1EndpointSlice,
  V1Ingress,
  V1Job,
  V1Lease,
  V1LimitRange,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PriorityClass,
  V1ReplicaSet,
  V1ResourceQuota,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1Status,
  V1StorageClass,
  V1ValidatingWebhookConfiguration,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';

/** A client-node type as it travels in JSON: instants are RFC 3339 text. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

/** An object of a kind without a type of its own here (Istio, Envoy Gateway). */
export interface CustomObject {
  apiVersion: string;
  kind: string;
  metadata: Wire<NonNullable<V1Pod['metadata']>>;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** The kinds the lab works with, by name. */
export interface KindMap {
  ConfigMap: Wire<V1ConfigMap>;
  CronJob: Wire<V1CronJob>;
  Deployment: Wire<V1Deployment>;
  EndpointSlice: Wire<V1EndpointSlice>;
  Event: Wire<CoreV1Event>;
  HorizontalPodAutoscaler: Wire<V2HorizontalPodAutoscaler>;
  Ingress: Wire<V1Ingress>;
  Job: Wire<V1Job>;
  Lease: Wire<V1Lease>;
  LimitRange: Wire<V1LimitRange>;
  MutatingWebhookConfiguration: Wire<V1MutatingWebhookConfiguration>;
  Namespace: Wire<V1Namespace>;
  NetworkPolicy: Wire<V1NetworkPolicy>;
  Node: Wire<V1Node>;
  PersistentVolume: Wire<V1PersistentVolume>;
  PersistentVolumeClaim: Wire<V1PersistentVolumeClaim>;
  Pod: Wire<V1Pod>;
  PodDisruptionBudget: Wire<V1PodDisruptionBudget>;
  PriorityClass: Wire<V1PriorityClass>;
  ReplicaSet: Wire<V1ReplicaSet>;
  ResourceQuota: Wire<V1ResourceQuota>;
  Secret: Wire<V1Secret>;
  Service: Wire<V1Service>;
  ServiceAccount: Wire<V1ServiceAccount>;
  StorageClass: Wire<V1StorageClass>;
  ValidatingWebhookConfiguration: Wire<V1ValidatingWebhookConfiguration>;
  /** networking.istio.io: traffic shift, timeouts, outlier ejection. */
  DestinationRule: CustomObject;
  VirtualService: CustomObject;
  /** gateway.envoyproxy.io: rate limits. */
  BackendTrafficPolicy: CustomObject;
}

export type Kind = keyof KindMap;
export type KubernetesObject = KindMap[Kind];
export type Status = Wire<V1Status>;

export interface ObjectRef<K extends Kind = Kind> {
  readonly kind: K;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

/** Errors are values: a `Status` as the API server would have sent it. */
export type ApiResult<T> =
  | { readonly ok: true; readonly object: T }
  | { readonly ok: false; readonly status: Status };

export interface WriteOptions {
  /** Who writes; shows in managedFields, audit and change events. */
  readonly fieldManager: string;
  readonly dryRun?: boolean;
}

/** RFC 7386 merge patch, Kubernetes strategic merge patch, or RFC 6902 JSON patch. */
export type Patch =
  | { readonly type: 'merge' | 'strategic'; readonly body: Readonly<Record<string, unknown>> }
  | {
      readonly type: 'json';
      readonly body: readonly {
        op: 'add' | 'replace' | 'remove' | 'test';
        path: string;
        value?: unknown;
      }[];
    };

/** The one way to change anything in a world: Kubernetes objects and verbs. */
export interface ClusterApi {
  get<K extends Kind>(ref: ObjectRef<K>): Promise<ApiResult<KindMap[K]>>;
  /** Items in name order. */
  list<K extends Kind>(
    kind: K,
    options?: { namespace?: string; labelSelector?: Readonly<Record<string, string>> },
  ): Promise<ApiResult<readonly KindMap[K][]>>;
  create<K extends Kind>(object: KindMap[K], options: WriteOptions): Promise<ApiResult<KindMap[K]>>;
  patch<K extends Kind>(
    ref: ObjectRef<K>,
    patch: Patch,
    options: WriteOptions,
  ): Promise<ApiResult<KindMap[K]>>;
  /** Refused with 409 when `metadata.resourceVersion` is set and stale. */
  replace<K extends Kind>(
    object: KindMap[K],
    options: WriteOptions,
  ): Promise<ApiResult<KindMap[K]>>;
  remove<K extends Kind>(
    ref: ObjectRef<K>,
    options: WriteOptions & { gracePeriodSeconds?: number },
  ): Promise<ApiResult<KindMap[K]>>;
  /** The eviction subresource: obeys PodDisruptionBudgets. */
  evict(ref: ObjectRef<'Pod'>, options: WriteOptions): Promise<ApiResult<Status>>;
}
