import type {
  ApiResult,
  ClusterApi,
  Kind,
  KindMap,
  KubernetesObject,
  ObjectRef,
  Patch,
  Status,
  Topology,
  WriteOptions,
} from '../../core/observable/index.ts';

type Json = Record<string, unknown>;

/** One write as it reached the API. */
export interface Call {
  readonly verb: 'create' | 'patch' | 'replace' | 'remove' | 'evict';
  readonly kind: string;
  readonly name: string;
  readonly fieldManager: string;
  readonly patch?: Patch;
}

/**
 * A small object store with the API's verbs and no controllers: what is written stays as written.
 * Evictions count down the `disruptionsAllowed` of a matching budget.
 */
export class FakeCluster implements ClusterApi {
  readonly calls: Call[] = [];
  /** When set, every write answers with this. */
  outage: Status | null = null;
  readonly #objects = new Map<string, KubernetesObject>();

  constructor(objects: readonly unknown[] = []) {
    for (const object of objects) this.put(object as KubernetesObject);
  }

  put(object: KubernetesObject): void {
    const { kind, metadata } = object as {
      kind: Kind;
      metadata: { name: string; namespace?: string };
    };
    this.#objects.set(keyOf({ kind, ...metadata }), structuredClone(object));
  }

  read<K extends Kind>(ref: ObjectRef<K>): KindMap[K] {
    const object = this.#objects.get(keyOf(ref));
    if (!object) throw new Error(`no ${keyOf(ref)}`);
    return structuredClone(object) as KindMap[K];
  }

  async get<K extends Kind>(ref: ObjectRef<K>): Promise<ApiResult<KindMap[K]>> {
    return this.#objects.has(keyOf(ref)) ? { ok: true, object: this.read(ref) } : notFound(ref);
  }

  async list<K extends Kind>(
    kind: K,
    options: { namespace?: string; labelSelector?: Readonly<Record<string, string>> } = {},
  ): Promise<ApiResult<readonly KindMap[K][]>> {
    const items = [...this.#objects.entries()]
      .filter(([key]) => key.startsWith(`${kind}/${options.namespace ?? ''}`))
      .map(([, object]) => structuredClone(object) as KindMap[K])
      .filter(({ metadata }) =>
        Object.entries(options.labelSelector ?? {}).every(([k, v]) => metadata?.labels?.[k] === v),
      );
    return { ok: true, object: items };
  }

  async create<K extends Kind>(
    object: KindMap[K],
    options: WriteOptions,
  ): Promise<ApiResult<KindMap[K]>> {
    const { kind = '', metadata } = object as KubernetesObject;
    this.#note('create', { kind: kind as K, name: metadata?.name ?? '' }, options);
    if (this.outage) return { ok: false, status: this.outage };
    this.put(object);
    return { ok: true, object };
  }

  async patch<K extends Kind>(
    ref: ObjectRef<K>,
    patch: Patch,
    options: WriteOptions,
  ): Promise<ApiResult<KindMap[K]>> {
    this.#note('patch', ref, options, patch);
    if (this.outage) return { ok: false, status: this.outage };
    if (!this.#objects.has(keyOf(ref))) return notFound(ref);
    const object = this.read(ref) as unknown as Json;
    if (patch.type === 'json') {
      for (const { path, value } of patch.body) setPath(object, path.split('/').slice(1), value);
    } else mergeInto(object, patch.body);
    this.put(object as unknown as KubernetesObject);
    return { ok: true, object: this.read(ref) };
  }

  async replace<K extends Kind>(
    object: KindMap[K],
    options: WriteOptions,
  ): Promise<ApiResult<KindMap[K]>> {
    return this.create(object, options);
  }

  async remove<K extends Kind>(
    ref: ObjectRef<K>,
    options: WriteOptions,
  ): Promise<ApiResult<KindMap[K]>> {
    this.#note('remove', ref, options);
    if (!this.#objects.has(keyOf(ref))) return notFound(ref);
    const object = this.read(ref);
    this.#objects.delete(keyOf(ref));
    return { ok: true, object };
  }

  async evict(ref: ObjectRef<'Pod'>, options: WriteOptions): Promise<ApiResult<Status>> {
    this.#note('evict', ref, options);
    if (!this.#objects.has(keyOf(ref))) return notFound(ref);
    const { metadata } = this.read(ref);
    const budgets = await this.list('PodDisruptionBudget', { namespace: ref.namespace ?? '' });
    const budget = (budgets.ok ? budgets.object : []).find(({ spec }) =>
      Object.entries(spec?.selector?.matchLabels ?? {}).every(
        ([k, v]) => metadata?.labels?.[k] === v,
      ),
    );
    if (budget?.status?.disruptionsAllowed !== undefined) {
      if (budget.status.disruptionsAllowed <= 0) return { ok: false, status: budgetExhausted };
      budget.status.disruptionsAllowed -= 1;
      this.put(budget);
    }
    this.#objects.delete(keyOf(ref));
    return { ok: true, object: { status: 'Success', code: 201 } };
  }

  #note(
    verb: Call['verb'],
    { kind, name }: ObjectRef,
    { fieldManager }: WriteOptions,
    patch?: Patch,
  ): void {
    this.calls.push({ verb, kind, name, fieldManager, ...(patch && { patch }) });
  }
}

const budgetExhausted: Status = {
  status: 'Failure',
  code: 429,
  reason: 'TooManyRequests',
  message: "Cannot evict pod as it would violate the pod's disruption budget.",
};

function keyOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

function notFound({ kind, name }: ObjectRef): { ok: false; status: Status } {
  const message = `${kind.toLowerCase()}s "${name}" not found`;
  return { ok: false, status: { status: 'Failure', code: 404, reason: 'NotFound', message } };
}

function mergeInto(target: Json, patch: Readonly<Json>): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete target[key];
    else if (typeof value === 'object' && !Array.isArray(value)) {
      target[key] ??= {};
      mergeInto(target[key] as Json, value as Json);
    } else target[key] = value;
  }
}

function setPath(target: Json, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) target[head] = value;
  else setPath(target[head] as Json, rest, value);
}

/** Three zones of three nodes; `web` calls `cart`, which calls the store `redis`. */
export const testTopology: Topology = {
  name: 'test',
  entryService: 'web',
  services: [
    { name: 'web', namespace: 'shop', kind: 'service', workload: 'web' },
    { name: 'cart', namespace: 'shop', kind: 'service', workload: 'cart' },
    { name: 'redis', namespace: 'shop', kind: 'datastore', workload: 'redis' },
    { name: 'bank', namespace: 'shop', kind: 'external', workload: '' },
  ],
  calls: [
    { from: 'web', to: 'cart' },
    { from: 'cart', to: 'redis' },
    { from: 'web', to: 'bank' },
  ],
  nodes: ['a', 'b', 'c'].flatMap((zone) =>
    [1, 2, 3].map((n) => ({ name: `${zone}${n}`, zone: `zone-${zone}`, region: 'region' })),
  ),
};

const template = (image: string, extra: Json = {}): Json => ({
  metadata: { labels: { app: 'web' }, ...extra },
  spec: { containers: [{ name: 'server', image }] },
});

/** A deployment `shop/web` with two replicas on release v2 that replaced v1. */
export function webDeployment(): readonly unknown[] {
  const replicaSet = (revision: number, image: string): Json => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${revision}`,
      namespace: 'shop',
      labels: { app: 'web', 'pod-template-hash': `h${revision}` },
      annotations: { 'deployment.kubernetes.io/revision': String(revision), cause: `to ${image}` },
      ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'uid-web' }],
    },
    spec: {
      template: {
        ...template(image),
        metadata: { labels: { app: 'web', 'pod-template-hash': `h${revision}` } },
      },
    },
  });
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'web',
        namespace: 'shop',
        uid: 'uid-web',
        annotations: { 'deployment.kubernetes.io/revision': '2', cause: 'to web:v2' },
      },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: template('web:v2'),
      },
    },
    replicaSet(1, 'web:v1'),
    replicaSet(2, 'web:v2'),
  ];
}

/** A running pod of `app` on a node. */
export function podOn(node: string, name: string, extra: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: 'web' }, ...extra },
    spec: { nodeName: node, containers: [] },
    status: { phase: 'Running' },
  };
}

export function nodeObject(name: string): Json {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} };
}
