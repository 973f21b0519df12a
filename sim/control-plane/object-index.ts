/**
 * Where objects are found without looking at all of them: pods and sets by the owner that controls
 * them, pods by their labels, Services and budgets by what they select. Derived from the objects
 * and kept by the store; every address holds its keys in order of creation.
 */
import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';
import { type Labels, matchesLabels, matchesSelector } from './selectors.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';

type Owned = 'Pod' | 'ReplicaSet';
type Selecting = 'Service' | 'PodDisruptionBudget';

/** The stored objects of a kind that an owner controls, in order of creation. */
export function ownedBy<K extends Owned>(
  cluster: Cluster,
  kind: K,
  ownerUid: string | undefined,
): KindMap[K][] {
  return collect(cluster, kind, `${kind} of ${ownerUid}`);
}

/**
 * The pods of a namespace that a Service's or a budget's selector matches, in order of creation.
 */
export function podsSelectedBy(
  cluster: Cluster,
  object: KindMap['Service'] | KindMap['PodDisruptionBudget'],
): KindMap['Pod'][] {
  const namespace = object.metadata?.namespace ?? '';
  const candidates = candidatesFor(cluster, namespace, wantedLabels(object));
  return candidates.filter(
    ({ metadata }) => metadata?.namespace === namespace && isSelected(object, metadata.labels),
  );
}

/** Keys of the Services or budgets whose selector matches a pod's labels. */
export function selectorsFor(
  cluster: Cluster,
  kind: Selecting,
  pod: { readonly namespace: string; readonly labels: Labels },
): string[] {
  const keys: string[] = [];
  const add = (address: string): void => {
    for (const key of cluster.state.index.get(address) ?? []) {
      const object = findObject(cluster, kind, key);
      if (object && isSelected(object, pod.labels)) keys.push(key);
    }
  };
  const { namespace, labels } = pod;
  for (const name in labels) add(selectAddress(kind, namespace, [name, labels[name] as string]));
  add(selectAddress(kind, namespace, undefined));
  return keys;
}

/** Follows one write: `before` is absent for a new object, `after` for one that is gone. */
export function indexObject(
  cluster: Cluster,
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
): void {
  const object = after ?? before;
  if (object === undefined || !indexedKinds.has(object.kind as string)) return;
  if (before && after && hasSameAddresses(before, after)) return;
  const { index } = cluster.state;
  const key = objectKey(object.metadata?.namespace, object.metadata?.name ?? '');
  const now = after ? addressesOf(after) : [];
  for (const address of before ? addressesOf(before) : []) {
    if (now.includes(address)) continue;
    const keys = index.get(address);
    keys?.delete(key);
    if (keys?.size === 0) index.delete(address);
  }
  for (const address of now) {
    const keys = index.get(address);
    if (keys?.has(key)) continue;
    if (keys === undefined) index.set(address, new Set([key]));
    else if (before === undefined) keys.add(key);
    else index.set(address, inOrder(cluster, object.kind as string, keys.add(key)));
  }
}

const indexedKinds: ReadonlySet<string> = new Set<Owned | Selecting>([
  'Pod',
  'ReplicaSet',
  'Service',
  'PodDisruptionBudget',
]);

/** A write that leaves labels, owners and selector alone hands on the same frozen parts. */
function hasSameAddresses(before: KubernetesObject, after: KubernetesObject): boolean {
  return (
    before.metadata?.labels === after.metadata?.labels &&
    before.metadata?.ownerReferences === after.metadata?.ownerReferences &&
    selectorOf(before) === selectorOf(after)
  );
}

function selectorOf(object: KubernetesObject): unknown {
  return (object as { spec?: { selector?: unknown } }).spec?.selector;
}

function addressesOf(object: KubernetesObject): string[] {
  const { namespace = '', labels = {}, ownerReferences } = object.metadata ?? {};
  if (object.kind === 'Service' || object.kind === 'PodDisruptionBudget') {
    const wanted = wantedLabels(object as KindMap[Selecting]);
    if (wanted === undefined) return [];
    return [selectAddress(object.kind, namespace, Object.entries(wanted)[0])];
  }
  const owner = ownerReferences?.find(({ controller }) => controller);
  const owned = owner ? [`${object.kind} of ${owner.uid}`] : [];
  if (object.kind !== 'Pod') return owned;
  return [...owned, ...Object.entries(labels).map((label) => labelAddress(namespace, label))];
}

function labelAddress(namespace: string, [name, value]: readonly [string, string]): string {
  return `Pod ${namespace} ${name}=${value}`;
}

/** Selectors stand under the first label they want, those that want none under their namespace. */
function selectAddress(
  kind: Selecting,
  namespace: string,
  label: readonly [string, string] | undefined,
): string {
  return `${kind} ${namespace} ${label ? `${label[0]}=${label[1]}` : ''}`;
}

/** The labels that a pod needs at least; undefined when the selector takes none at all. */
function wantedLabels(object: KindMap[Selecting]): Labels | undefined {
  const selector = object.spec?.selector;
  if (selector === undefined || object.kind === 'Service') return selector as Labels | undefined;
  return (selector as { matchLabels?: Labels }).matchLabels ?? {};
}

function isSelected(object: KindMap[Selecting], labels: Labels | undefined): boolean {
  const selector = object.spec?.selector;
  if (selector === undefined) return false;
  return object.kind === 'Service'
    ? matchesLabels(selector as Labels, labels)
    : matchesSelector(selector, labels);
}

/** Pods with the rarest of the wanted labels; all pods when none is wanted. */
function candidatesFor(
  cluster: Cluster,
  namespace: string,
  wanted: Labels | undefined,
): KindMap['Pod'][] {
  if (wanted === undefined) return [];
  const labels = Object.entries(wanted);
  if (labels.length === 0) return [...objectsOf(cluster, 'Pod').values()];
  const addresses = labels.map((label) => labelAddress(namespace, label));
  const sizeOf = (address: string): number => cluster.state.index.get(address)?.size ?? 0;
  const rarest = addresses.reduce((best, next) => (sizeOf(next) < sizeOf(best) ? next : best));
  return collect(cluster, 'Pod', rarest);
}

function collect<K extends Owned>(cluster: Cluster, kind: K, address: string): KindMap[K][] {
  const objects: KindMap[K][] = [];
  for (const key of cluster.state.index.get(address) ?? []) {
    const object = findObject(cluster, kind, key);
    if (object) objects.push(object);
  }
  return objects;
}

/** The keys in the order of the store; only needed when an object comes to an address late. */
function inOrder({ state }: Cluster, kind: string, keys: ReadonlySet<string>): Set<string> {
  const ordered = new Set<string>();
  for (const key of state.objects.get(kind)?.keys() ?? []) if (keys.has(key)) ordered.add(key);
  return ordered;
}
