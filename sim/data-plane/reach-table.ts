import type { NetworkSpec } from '../../core/truth/index.ts';
import type { Conditions } from '../conditions.ts';
import type { CallGraph } from './call-graph.ts';
import type { TopologyIndex } from './topology-index.ts';

/** How an attempt to reach a pod ends at the network. */
export const reach = { answers: 0, silent: 1, refused: 2 } as const;

/**
 * Who can reach whom under the present conditions. Row z < zones is a zone, the last row is the
 * users, who live outside all zones. Never changes after it was built.
 */
export interface ReachTable {
  readonly podCount: number;
  /** The process answers and its node has power. */
  readonly alive: Uint8Array;
  /** One of {@link reach}, at [row · pods + pod]. */
  readonly kind: Uint8Array;
  /** There and back, in ms, same addressing. */
  readonly networkMs: Float64Array;
  /** The same to every pod of a zone that is not delayed itself, at [row · zones + zone]. */
  readonly zoneMs: Float64Array;
  /**
   * Per service: all of its endpoints answer everybody, every edge leads to all of them, and one in
   * a zone is as far as another.
   */
  readonly isOpen: Uint8Array;
}

/**
 * A text that changes whenever conditions change what a reach table holds; empty in good health.
 */
export function reachSignature(conditions: Conditions): string {
  const { unpoweredNodes, isolatedZones, podDelayMs } = conditions;
  if (unpoweredNodes.size + isolatedZones.size + podDelayMs.size === 0) return '';
  let text = '';
  for (const name of unpoweredNodes) text += `n ${name};`;
  for (const name of isolatedZones) text += `z ${name};`;
  for (const [uid, delayMs] of podDelayMs) text += `p ${uid} ${delayMs};`;
  return text;
}

/** Works out reachability and network time for each (zone or users, pod). */
export function createReachTable(
  parts: { graph: CallGraph; index: TopologyIndex; network: NetworkSpec },
  conditions: Conditions,
): ReachTable {
  const { graph, index, network } = parts;
  const { podDelayMs } = conditions;
  const podCount = index.pods.length;
  const zoneCount = graph.zones.length;
  const alive = new Uint8Array(podCount);
  const kind = new Uint8Array(podCount * (zoneCount + 1));
  const networkMs = new Float64Array(podCount * (zoneCount + 1));
  const hasPower = Uint8Array.from(index.nodes, ({ name, powered }) =>
    powered && !conditions.unpoweredNodes.has(name) ? 1 : 0,
  );
  for (let p = 0; p < podCount; p += 1) {
    const isPowered = hasPower[index.podNode[p] as number] === 1;
    alive[p] = isPowered ? (index.isUp[p] as number) : 0;
    kind[p] = !isPowered ? reach.silent : alive[p] === 1 ? reach.answers : reach.refused;
  }
  const sameZoneMs = 2 * network.sameZoneMs;
  const crossZoneMs = 2 * network.crossZoneMs;
  const zoneMs = new Float64Array((zoneCount + 1) * zoneCount).map((_, at) => {
    const from = Math.floor(at / zoneCount);
    return from === zoneCount || from === at % zoneCount ? sameZoneMs : crossZoneMs;
  });
  for (let from = 0; from <= zoneCount; from += 1) {
    // A pod in no zone is next door to the users alone.
    const elsewhereMs = from === zoneCount ? sameZoneMs : crossZoneMs;
    for (let p = 0; p < podCount; p += 1) {
      const to = index.podZone[p] as number;
      networkMs[from * podCount + p] =
        to < 0 ? elsewhereMs : (zoneMs[from * zoneCount + to] as number);
    }
  }
  for (let from = 1; from <= zoneCount; from += 1) kind.copyWithin(from * podCount, 0, podCount);
  const isAnyCut = conditions.isolatedZones.size > 0;
  if (isAnyCut) cutZones(kind, { graph, index }, conditions);
  if (podDelayMs.size > 0) addDelays(networkMs, index, podDelayMs);
  const { first, pods } = index.endpoints;
  const isOpen = new Uint8Array(graph.services.length).map((_, s) => {
    if (index.routes?.services.has(s)) return 0;
    for (let e = first[s] as number; e < (first[s + 1] as number); e += 1) {
      const p = pods[e] as number;
      if (alive[p] === 0) return 0;
      if (isAnyCut && !answersAll(kind, p, podCount)) return 0;
      if (isDelayed(index, p, conditions)) return 0;
    }
    return 1;
  });
  return { podCount, alive, kind, networkMs, zoneMs, isOpen };
}

/** Nobody gets into an isolated zone, or out of it. */
function cutZones(
  kind: Uint8Array,
  { graph, index }: { graph: CallGraph; index: TopologyIndex },
  { isolatedZones }: Conditions,
): void {
  const isIsolated = graph.zones.map((zone) => isolatedZones.has(zone));
  const podCount = index.pods.length;
  for (let from = 0; from <= graph.zones.length; from += 1) {
    for (let p = 0; p < podCount; p += 1) {
      const own = index.podZone[p] as number;
      const isCut = from !== own && (isIsolated[own] === true || isIsolated[from] === true);
      if (isCut) kind[from * podCount + p] = reach.silent;
    }
  }
}

function addDelays(
  networkMs: Float64Array,
  { pods }: TopologyIndex,
  delays: ReadonlyMap<string, number>,
): void {
  pods.forEach(({ uid }, p) => {
    const delayMs = delays.get(uid) ?? 0;
    for (let at = p; at < networkMs.length; at += pods.length) {
      networkMs[at] = (networkMs[at] as number) + delayMs;
    }
  });
}

function isDelayed({ pods }: TopologyIndex, p: number, { podDelayMs }: Conditions): boolean {
  return podDelayMs.size > 0 && podDelayMs.has(pods[p]?.uid ?? '');
}

function answersAll(kind: Uint8Array, p: number, podCount: number): boolean {
  for (let at = p; at < kind.length; at += podCount) if (kind[at] !== reach.answers) return false;
  return true;
}
