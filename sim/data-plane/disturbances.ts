/** What has happened to the world since the flow was last played, and whom it may reach first. */
import type { ClusterView, NodeView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { Impairment } from '../impairments/impairment.ts';
import type { CallGraph } from './call-graph.ts';
import type { CalmFlow } from './calm-flow.ts';
import { findPlaces } from './impair-places.ts';
import type { ImpairTable } from './impair-table.ts';
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
  out.isEverywhere = isEverywhere(world.conditions, flow);
  if (!out.isEverywhere) markImpairments(services, world, flow.conditions.impairments);
  for (const s of impairs?.changingServices ?? []) services[s] = 1;
  if (out.isEverywhere || view.version === before.version || view === out.calmView) return;
  if (!hasSameFrame(before, view)) out.isEverywhere = true;
  else out.movesPods = markPods(services, world);
  if (!out.isEverywhere && !out.movesPods) out.calmView = view;
}

function isEverywhere(conditions: Conditions, { conditions: before }: CalmFlow): boolean {
  for (const key of Object.keys(conditions) as (keyof Conditions)[]) {
    const value = conditions[key];
    const size = Array.isArray(value) ? value.length : (value as { readonly size: number }).size;
    if (size > 0 && !standing.has(key)) return true;
  }
  return conditions.releaseTraits.size !== before.releaseTraits.size;
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
    before.traffic === now.traffic &&
    before.routes === undefined &&
    now.routes === undefined &&
    before.nodes.length === now.nodes.length &&
    now.nodes.every(isSame)
  );
}

/** Marks the services whose pods changed; answers whether there are any. */
function markPods(services: Uint8Array, world: World): boolean {
  const { graph, index, before, view } = world;
  let moves = false;
  const mark = (pod: PodView): void => {
    const s = graph.serviceNumber.get(pod.service);
    if (s === undefined || !isFelt(pod)) return;
    services[s] = 1;
    moves = true;
  };
  let i = 0;
  for (const pod of view.pods) {
    const isNew = before.pods[i]?.uid !== pod.uid && index.numberOf(pod.uid) < 0;
    if (isNew) {
      mark(pod);
      continue;
    }
    // Views keep their order, so that whoever is not next any more is gone.
    while (i < before.pods.length && before.pods[i]?.uid !== pod.uid) {
      mark(before.pods[i] as PodView);
      i += 1;
    }
    const old = before.pods[i];
    i += 1;
    if (old === pod || (old && isAlike(old, pod))) continue;
    if (old) mark(old);
    mark(pod);
  }
  for (; i < before.pods.length; i += 1) mark(before.pods[i] as PodView);
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
