/** Edges whose calls do not simply reach every endpoint of the callee alike. */
import type { ClusterView, ZoneRoute } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';
/** Where the attempts of one edge from one zone go. */
export interface Route {
  readonly pods: Int32Array;
  /** Of all attempts, per pod; the others never leave, or reach nobody. */
  readonly shares: Float64Array;
  /** Dropped on the way: only the caller's time-out tells. */
  readonly blockedShare: number;
  readonly misses: ZoneRoute['misses'];
}

/** The routes of one view; constant like the index. */
export interface Routes {
  /** Callees that some route leads to. */
  readonly services: ReadonlySet<number>;
  /** At [zone · edges + edge]. */
  readonly edges: readonly (Route | undefined)[];
  /** Of users, per service. */
  readonly users: readonly (Route | undefined)[];
}

/** Numbers the view's routes; null where every edge is as usual. */
export function createRoutes(graph: CallGraph, view: ClusterView): Routes | null {
  if (view.routes === undefined || view.routes.length === 0) return null;
  const podNumber = new Map(view.pods.map((pod, p) => [pod.uid, p]));
  const services = new Set<number>();
  const edges: (Route | undefined)[] = [];
  const users: (Route | undefined)[] = [];
  for (const { from, to, byZone } of view.routes) {
    const s = graph.serviceNumber.get(to);
    if (s === undefined) continue;
    services.add(s);
    const drained = view.traffic.drainedZones.get(to);
    const isTaken = (p: number): boolean => !drained?.has(view.pods[p]?.zone ?? '');
    const edge = graph.edges.findIndex((one) => one.from === from && one.to === to);
    for (const [zone, found] of byZone) {
      const route = createRoute(found, { podNumber, isTaken });
      if (from === null) users[s] = route;
      else if (edge >= 0) edges[graph.zones.indexOf(zone) * graph.edges.length + edge] = route;
    }
  }
  return { services, edges, users };
}

/** The route of an edge from a zone, or of users; undefined where it is as usual. */
export function routeBetween(
  {
    graph,
    index,
  }: { readonly graph: CallGraph; readonly index: { readonly routes: Routes | null } },
  fromZone: string,
  { from, to }: { readonly from: string | null; readonly to: string },
): Route | undefined {
  if (index.routes === null) return undefined;
  if (from === null) return index.routes.users[graph.serviceNumber.get(to) ?? -1];
  const edge = graph.edges.findIndex((one) => one.from === from && one.to === to);
  if (edge < 0) return undefined;
  return index.routes.edges[graph.zones.indexOf(fromZone) * graph.edges.length + edge];
}

function createRoute(
  { pods, misses }: ZoneRoute,
  { podNumber, isTaken }: { podNumber: ReadonlyMap<string, number>; isTaken(p: number): boolean },
): Route {
  const known = [...pods].flatMap(([uid, share]) => {
    const p = podNumber.get(uid);
    return p === undefined ? [] : [{ p, share }];
  });
  const taken = known.filter(({ p }) => isTaken(p));
  const sumOf = (list: readonly { share: number }[]): number =>
    list.reduce((sum, { share }) => sum + share, 0);
  // Drained zones hand their part to the others.
  const scale = taken.length === known.length ? 1 : sumOf(known) / Math.max(sumOf(taken), 1e-12);
  return {
    pods: Int32Array.from(taken, ({ p }) => p),
    shares: Float64Array.from(taken, ({ share }) => share * scale),
    blockedShare: misses.blocked ?? 0,
    misses,
  };
}
