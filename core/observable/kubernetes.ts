import type {
  CoreV1Event,
  V1ConfigMap,
  V1Deployment,
  V1EndpointSlice,
  V1Lease,
  V1Namespace,
  V1Node,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1Service,
  V1ServiceAccount,
  V1Status,
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
  Deployment: Wire<V1Deployment>;
  EndpointSlice: Wire<V1EndpointSlice>;
  Event: Wire<CoreV1Event>;
  HorizontalPodAutoscaler: Wire<V2HorizontalPodAutoscaler>;
  Lease: Wire<V1Lease>;
  Namespace: Wire<V1Namespace>;
  Node: Wire<V1Node>;
  Pod: Wire<V1Pod>;
  PodDisruptionBudget: Wire<V1PodDisruptionBudget>;
  ReplicaSet: Wire<V1ReplicaSet>;
  Service: Wire<V1Service>;
  ServiceAccount: Wire<V1ServiceAccount>;
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
