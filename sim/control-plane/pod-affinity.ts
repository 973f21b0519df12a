import type { KindMap } from '../../core/observable/index.ts';
import { repels } from './pod-claims.ts';
import type { SchedulerCache } from './scheduler-cache.ts';
import type { NodeLoad } from './scheduler-filters.ts';
import { matchesSelector } from './selectors.ts';

type Pod = KindMap['Pod'];
type PodSpec = NonNullable<Pod['spec']>;
type AffinityTerm = NonNullable<
  NonNullable<
    NonNullable<PodSpec['affinity']>['podAntiAffinity']
  >['requiredDuringSchedulingIgnoredDuringExecution']
>[number];
type SpreadConstraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];

interface PlacedPod {
  readonly pod: Pod;
  readonly load: NodeLoad;
}

/** Which pods are where, as far as rules between pods need to know; grows as pods are bound. */
export class PlacedPods {
  /** Those that keep others away; most clusters have few. */
  readonly repelling: PlacedPod[] = [];
  readonly #pods: readonly { readonly pod: Pod }[];
  readonly #loads: ReadonlyMap<string, NodeLoad>;
  readonly #added: PlacedPod[] = [];
  #all: PlacedPod[] | null = null;

  /** Pods bound and not on their way out. */
  constructor(
    { pods, repelling }: Pick<SchedulerCache, 'pods' | 'repelling'>,
    loads: readonly NodeLoad[],
  ) {
    this.#pods = pods;
    this.#loads = new Map(loads.map((load) => [load.name, load]));
    for (const pod of repelling) {
      const load = this.#loadOf(pod);
      if (load) this.repelling.push({ pod, load });
    }
  }

  /** Listed when somebody asks: few pods have rules about all others. */
  get all(): readonly PlacedPod[] {
    this.#all ??= this.#pods.flatMap(({ pod }) => {
      const load = this.#loadOf(pod);
      return load ? [{ pod, load }] : [];
    });
    this.#all.push(...this.#added.splice(0));
    return this.#all;
  }

  /** Notes a pod that is as good as bound. */
  add(placed: PlacedPod): void {
    this.#added.push(placed);
    if (repels(placed.pod)) this.repelling.push(placed);
  }

  #loadOf({ spec, metadata }: Pod): NodeLoad | undefined {
    return metadata?.deletionTimestamp ? undefined : this.#loads.get(spec?.nodeName ?? '');
  }
}

/**
 * Why the pods there are keep a pod off a node, in the scheduler's words; null when they do not.
 * Preferences are not looked at: the scheduler's own spreading stands for them.
 */
export function podRuleReason(
  pod: Pod,
  load: NodeLoad,
  { placed, loads }: { placed: PlacedPods; loads: readonly NodeLoad[] },
): string | null {
  const spread = hardSpread(pod.spec).find(
    (constraint) => !keepsSpread(pod, load, { constraint, placed, loads }),
  );
  if (spread) return "node(s) didn't match pod topology spread constraints";
  if (requiredTerms(pod, 'podAffinity').some((term) => !findsMate(pod, load, { term, placed })))
    return "node(s) didn't match pod affinity rules";
  if (requiredTerms(pod, 'podAntiAffinity').some((term) => meetsFoe(pod, load, { term, placed })))
    return "node(s) didn't match pod anti-affinity rules";
  const isRepelled = placed.repelling.some((other) =>
    requiredTerms(other.pod, 'podAntiAffinity').some(
      (term) => isOneOf(term, other.pod, pod) && sharesDomain(term.topologyKey, other.load, load),
    ),
  );
  return isRepelled ? "node(s) didn't satisfy existing pods anti-affinity rules" : null;
}

function requiredTerms({ spec }: Pod, kind: 'podAffinity' | 'podAntiAffinity'): AffinityTerm[] {
  return spec?.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function hardSpread(spec: PodSpec | undefined): SpreadConstraint[] {
  return (spec?.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  );
}

/** Whether `other` is a pod that the term of `owner` is about. */
function isOneOf(term: AffinityTerm, owner: Pod, other: Pod): boolean {
  const namespaces = term.namespaces ?? [owner.metadata?.namespace ?? ''];
  return (
    namespaces.includes(other.metadata?.namespace ?? '') &&
    matchesSelector(term.labelSelector, other.metadata?.labels)
  );
}

function sharesDomain(topologyKey: string, a: NodeLoad, b: NodeLoad): boolean {
  const domain = a.labels[topologyKey];
  return domain !== undefined && domain === b.labels[topologyKey];
}

function meetsFoe(
  pod: Pod,
  load: NodeLoad,
  { term, placed }: { term: AffinityTerm; placed: PlacedPods },
): boolean {
  return placed.all.some(
    (other) => isOneOf(term, pod, other.pod) && sharesDomain(term.topologyKey, other.load, load),
  );
}

/** The first of a group that wants to be with itself may go anywhere. */
function findsMate(
  pod: Pod,
  load: NodeLoad,
  { term, placed }: { term: AffinityTerm; placed: PlacedPods },
): boolean {
  if (load.labels[term.topologyKey] === undefined) return false;
  if (meetsFoe(pod, load, { term, placed })) return true;
  return isOneOf(term, pod, pod) && !placed.all.some((other) => isOneOf(term, pod, other.pod));
}

function keepsSpread(
  pod: Pod,
  load: NodeLoad,
  {
    constraint,
    placed,
    loads,
  }: { constraint: SpreadConstraint; placed: PlacedPods; loads: readonly NodeLoad[] },
): boolean {
  const { topologyKey, maxSkew, labelSelector } = constraint;
  const counts = new Map<string, number>();
  for (const { labels } of loads) {
    const domain = labels[topologyKey];
    if (domain !== undefined) counts.set(domain, 0);
  }
  for (const other of placed.all) {
    const domain = other.load.labels[topologyKey];
    const isSame = other.pod.metadata?.namespace === pod.metadata?.namespace;
    if (domain === undefined || !isSame) continue;
    if (matchesSelector(labelSelector, other.pod.metadata?.labels))
      counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  const own = counts.get(load.labels[topologyKey] ?? '');
  if (own === undefined) return false;
  const self = matchesSelector(labelSelector, pod.metadata?.labels) ? 1 : 0;
  return own + self - Math.min(...counts.values()) <= maxSkew;
}
