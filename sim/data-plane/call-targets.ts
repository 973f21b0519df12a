/** Where calls land at a window's end, for those who follow single requests. */
import type { PodView } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';
import type { CallState } from './call-state.ts';
import type { RouteFlow, TargetFlow } from './flow-state.ts';
import { type ReachTable, reach } from './reach-table.ts';
import { routeBetween } from './routes.ts';
import type { TopologyIndex } from './topology-index.ts';

interface TargetParts {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly calls: CallState;
}

/** The endpoints of a service as callers in a zone (or users) meet them. */
export function targetsOf(
  parts: TargetParts,
  fromZone: string,
  service: string,
): readonly TargetFlow[] {
  const { graph, index, calls } = parts;
  const s = graph.serviceNumber.get(service) ?? -1;
  const { first, pods } = index.endpoints;
  const endpoints = s < 0 ? new Int32Array(0) : pods.subarray(first[s], first[s + 1]);
  const share = (calls.limitShare[s] ?? 1) / endpoints.length;
  const row = rowOf(graph, fromZone);
  let known = knownTargets.get(parts.reachable);
  if (known === undefined) {
    known = [];
    knownTargets.set(parts.reachable, known);
  }
  const at = row * graph.services.length + s;
  const before = s < 0 ? undefined : known[at];
  if (before !== undefined && (before.length === 0 || before[0]?.share === share)) return before;
  const targets = Array.from(endpoints, (p) => targetFlow(parts, { row, p, share }));
  if (s >= 0) known[at] = targets;
  return targets;
}

/** What was asked for under a reach table, at [row · services + service]: mostly the same again. */
const knownTargets = new WeakMap<ReachTable, (readonly TargetFlow[] | undefined)[]>();

/** The same for an edge with ways of its own; null where it has none. */
export function routeFlow(
  parts: TargetParts,
  fromZone: string,
  edge: { readonly from: string | null; readonly to: string },
): RouteFlow | null {
  const route = routeBetween(parts, fromZone, edge);
  if (!route) return null;
  const row = rowOf(parts.graph, fromZone);
  const targets = Array.from(route.pods, (p, e) =>
    targetFlow(parts, { row, p, share: route.shares[e] as number }),
  );
  return { targets, misses: route.misses };
}

function rowOf({ zones }: CallGraph, fromZone: string): number {
  const zone = zones.indexOf(fromZone);
  return zone < 0 ? zones.length : zone;
}

function targetFlow(
  { index, reachable }: TargetParts,
  { row, p, share }: { row: number; p: number; share: number },
): TargetFlow {
  const at = row * reachable.podCount + p;
  return {
    pod: index.pods[p] as PodView,
    share,
    reachable: reachable.kind[at] === reach.answers,
    refused: reachable.kind[at] === reach.refused,
    networkMs: reachable.networkMs[at] as number,
  };
}
