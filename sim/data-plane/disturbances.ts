/** What has happened to the world since the flow was last played, and whom it may reach first. */
import { isDeepStrictEqual } from 'node:util';
import type { ClusterView, NodeView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { Impairment } from '../impairments/impairment.ts';
import type { CallGraph } from './call-graph.ts';
import type { CalmFlow } from './calm-flow.ts';
import { findPlaces } from './impair-places.ts';
import type { ImpairTable } from './impair-table.ts';
import { matchPods } from './pod-match.ts';
import type { TopologyIndex } from './topology-index.ts';
import { addServicesAt } from './touched-places.ts';

/** Whom something has happened to. */
export interface Disturbance {
  /** Nobody can say whom it spares. */
  isEverywhere: boolean;
  /** Pods came, went or changed in a way that requests feel. */
  movesPods: boolean;
  /** The last view in which no pod had moved. */
  calmView: ClusterView | null;
  /** 1 for the services that it happened to; valid until the next is looked for. */
  readonly services: Uint8Array;
}

/** Before anybody has looked. */
export function createDisturbance(services: number): Disturbance {
  return {
    isEverywhere: true,
    movesPods: true,
    calmView: null,
    services: new Uint8Array(services),
  };
}

interface World {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  /** The view behind the index. */
  readonly before: ClusterView;
  readonly view: ClusterView;
  readonly conditions: Conditions;
  /** Of the conditions under which the flow was last played. */
  readonly impairs: ImpairTable | null;
}

/** What of the conditions the flow does not feel, feels as arrivals, or where it acts. */
const standing: ReadonlySet<keyof Conditions> = new Set([
  'publishedImages',
  'releaseTraits',
  'telemetryImpairments',
  'loadFactors',
  'impairments',
  'batchClients',
]);

/** Looks what has happened, or goes on happening. */
export function findDisturbance(out: Disturbance, world: World, flow: CalmFlow): void {
  const { view, before, impairs } = world;
  const { services } = out;
  services.fill(0);
  out.movesPods = false;
  out.isEverywhere = isEverywhere(world.conditions);
  if (!out.isEverywhere) {
    markImpairments(services, world, flow.conditions.impairments);
    markReleases(services, world, flow.conditions.releaseTraits);
  }
  for (const s of impairs?.changingServices ?? []) services[s] = 1;
  if (out.isEverywhere || view.version === before.version || view === out.calmView) return;
  if (!hasSameFrame(before, view)) out.isEverywhere = true;
  else out.movesPods = markPods(services, world);
  if (!out.isEverywhere && !out.movesPods) out.calmView = view;
}

function isEverywhere(conditions: Conditions): boolean {
  for (const key of Object.keys(conditions) as (keyof Conditions)[]) {
    const value = conditions[key];
    const size = Array.isArray(value) ? value.length : (value as { readonly size: number }).size;
    if (size > 0 && !standing.has(key)) return true;
  }
  return false;
}

/** Marks where processes run releases whose traits have changed; new ones run nowhere yet. */
function markReleases(
  services: Uint8Array,
  { index, conditions: { releaseTraits: now } }: World,
  before: Conditions['releaseTraits'],
): void {
  const changed = new Set<string>();
  for (const [release, traits] of now) if (before.get(release) !== traits) changed.add(release);
  for (const release of before.keys()) if (!now.has(release)) changed.add(release);
  if (changed.size === 0) return;
  index.podRelease.forEach((release, p) => {
    const s = index.podService[p] as number;
    if (s >= 0 && changed.has(release)) services[s] = 1;
  });
}

/** Marks where something began to be wrong, or ended. */
function markImpairments(
  services: Uint8Array,
  { graph, index, conditions }: World,
  before: readonly Impairment[],
): void {
  const { impairments: now } = conditions;
  const mark = (impairment: Impairment): void => {
    addServicesAt(services, { graph, index }, findPlaces(graph, index, impairment));
  };
  if (now.length === before.length && now.every((one, i) => one === before[i])) return;
  for (const one of now) if (!before.includes(one)) mark(one);
  for (const one of before) if (!now.includes(one)) mark(one);
}

/** Whether nodes, traffic rules and ways between services are what they were. */
function hasSameFrame(before: ClusterView, now: ClusterView): boolean {
  const isSame = (node: NodeView, n: number): boolean => {
    const old = before.nodes[n];
    return (
      old === node ||
      (old?.name === node.name && old.powered === node.powered && old.cpuCores === node.cpuCores)
    );
  };
  return (
    isSameTraffic(before, now) &&
    before.routes === undefined &&
    now.routes === undefined &&
    before.nodes.length === now.nodes.length &&
    now.nodes.every(isSame)
  );
}

/** By what the rules say: a fork renders those that it began with anew. */
function isSameTraffic({ traffic: before }: ClusterView, { traffic: now }: ClusterView): boolean {
  return before === now || isDeepStrictEqual(before, now);
}

/** Marks the services whose pods changed; answers whether there are any. */
function markPods(services: Uint8Array, { graph, before, view }: World): boolean {
  let moves = false;
  const mark = (pod: PodView): void => {
    const s = graph.serviceNumber.get(pod.service);
    if (s === undefined || !isFelt(pod)) return;
    services[s] = 1;
    moves = true;
  };
  const { before: numbers, changed, gone } = matchPods(before.pods, view.pods);
  for (const p of changed) {
    const pod = view.pods[p] as PodView;
    const at = numbers[p] as number;
    const old = at < 0 ? undefined : before.pods[at];
    if (old && isAlike(old, pod)) continue;
    if (old) mark(old);
    mark(pod);
  }
  for (const p of gone) mark(before.pods[p] as PodView);
  return moves;
}

/** Whether requests meet the pod. */
function isFelt({ inEndpoints, running, listening }: PodView): boolean {
  return inEndpoints || (running && listening);
}

/** Whether requests see no difference between two views of a pod. */
function isAlike(a: PodView, b: PodView): boolean {
  return (
    a.inEndpoints === b.inEndpoints &&
    a.running === b.running &&
    a.listening === b.listening &&
    a.processStartedUs === b.processStartedUs &&
    a.cpuLimitCores === b.cpuLimitCores &&
    a.memoryLimitBytes === b.memoryLimitBytes &&
    a.node === b.node &&
    a.release === b.release
  );
}
