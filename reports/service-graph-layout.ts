import type { CallEdge, Topology } from '../core/observable/index.ts';

export interface PlacedService {
  readonly name: string;
  readonly kind: 'service' | 'datastore' | 'external';
  /** Call depth: 0 for the entry. */
  readonly layer: number;
  /** Position within its layer, from the top. */
  readonly row: number;
}

export interface ServiceGraphLayout {
  readonly services: readonly PlacedService[];
  readonly calls: readonly CallEdge[];
  readonly layers: number;
  /** Services in the fullest layer. */
  readonly rows: number;
}

const sweeps = 8;

/**
 * Layers by longest call path from the entry, so that calls run left to right; within a layer,
 * services stand near the mean row of those they talk to (Sugiyama's barycentre sweeps), ties by
 * name. Calls that close a cycle do not count for the depth.
 */
export function layoutServices(topology: Topology): ServiceGraphLayout {
  const known = new Set(topology.services.map((service) => service.name));
  const calls = topology.calls.filter(
    ({ from, to }) => from !== to && known.has(from) && known.has(to),
  );
  const depth = depths(topology, calls);
  const layers: string[][] = [];
  for (const name of [...known].sort()) {
    const layer = depth.get(name) as number;
    while (layers.length <= layer) layers.push([]);
    (layers[layer] as string[]).push(name);
  }
  orderRows(layers, calls);
  const kinds = new Map(topology.services.map((service) => [service.name, service.kind]));
  return {
    services: layers.flatMap((names, layer) =>
      names.map((name, row) => ({ name, kind: kinds.get(name) ?? 'service', layer, row })),
    ),
    calls,
    layers: layers.length,
    rows: Math.max(0, ...layers.map((names) => names.length)),
  };
}

function depths(topology: Topology, calls: readonly CallEdge[]): ReadonlyMap<string, number> {
  const callees = groupBy(calls);
  const done: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const forward: CallEdge[] = [];
  const visit = (name: string): void => {
    state.set(name, 'open');
    for (const to of callees.get(name) ?? []) {
      if (state.get(to) === 'open') continue;
      forward.push({ from: name, to });
      if (!state.has(to)) visit(to);
    }
    state.set(name, 'done');
    done.push(name);
  };
  const names = topology.services.map((service) => service.name).sort();
  const called = new Set(calls.map((call) => call.to));
  const roots = names.filter((name) => !called.has(name) && name !== topology.entryService);
  const entry = names.includes(topology.entryService) ? [topology.entryService] : [];
  for (const name of [...entry, ...roots, ...names]) if (!state.has(name)) visit(name);
  const depth = new Map(names.map((name) => [name, 0]));
  const next = groupBy(forward);
  for (const name of done.reverse()) {
    for (const to of next.get(name) ?? []) {
      depth.set(to, Math.max(depth.get(to) as number, (depth.get(name) as number) + 1));
    }
  }
  return depth;
}

function groupBy(calls: readonly CallEdge[]): ReadonlyMap<string, readonly string[]> {
  const grouped = new Map<string, string[]>();
  for (const { from, to } of calls) {
    const list = grouped.get(from);
    if (list) list.push(to);
    else grouped.set(from, [to]);
  }
  return grouped;
}

function orderRows(layers: string[][], calls: readonly CallEdge[]): void {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of calls) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  const position = new Map<string, number>();
  const settle = (): void => {
    for (const names of layers) {
      names.forEach((name, i) => {
        position.set(name, (i + 0.5) / names.length);
      });
    }
  };
  settle();
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const order = sweep % 2 === 0 ? layers : [...layers].reverse();
    for (const names of order) {
      const centre = new Map(names.map((name) => [name, meanOf(name)]));
      names.sort(
        (a, b) => (centre.get(a) as number) - (centre.get(b) as number) || (a < b ? -1 : 1),
      );
      settle();
    }
  }

  function meanOf(name: string): number {
    const around = neighbours.get(name) ?? [];
    if (around.length === 0) return position.get(name) as number;
    return around.reduce((sum, other) => sum + (position.get(other) as number), 0) / around.length;
  }
}
