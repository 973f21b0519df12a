import { type Evidence, zonesOf } from '../core/observable/index.ts';
import { ramp } from './ramp.ts';
import type { ShiftReader } from './shifts.ts';

/** How lossy the network of a place (node or zone) has become, against all other places. */
export interface PacketLoss {
  /** 0 to 1. */
  readonly value: number;
  readonly reason: string;
}

/** Packets of a request and its answer, at the least; the share told of is an upper estimate. */
const packetsPerRequest = 6;
/** TCP hides a loss of half a per cent from nearly everybody, and nobody's callers from 5 %. */
const shareFelt = 0.005;
const shareFull = 0.05;

interface NodeLoss {
  readonly name: string;
  readonly zone: string;
  /** Share of its packets that it drops beyond what it used to. */
  readonly share: number;
  readonly value: number;
}

/**
 * Where nodes drop packets that they did not drop before, as a share of the traffic of their pods:
 * a service's requests in equal parts for each of its pods. A zone is lossy if most of its nodes
 * are and most others are not; a node alone, as far as its zone is not. Fails for loss that no node
 * counts (on the way to users), and where one pod of many serves most. Cost: O(pods + nodes).
 */
export function findPacketLoss(
  { topology, pods }: Evidence,
  shifts: ShiftReader,
): { zones: ReadonlyMap<string, PacketLoss>; nodes: ReadonlyMap<string, PacketLoss> } {
  const requests = requestsByNode(pods, shifts);
  const nodes = topology.nodes.map(({ name, zone }): NodeLoss => {
    const shift = shifts.of('node_packet_drops', `node/${name}`);
    const packets = packetsPerRequest * (requests.get(name) ?? 0);
    const share = shift && packets > 0 ? Math.min(1, Math.max(0, shift.delta) / packets) : 0;
    const isUnusual = ramp(shift?.zScore ?? 0, 3, 6);
    return { name, zone, share, value: isUnusual * ramp(share, shareFelt, shareFull) };
  });
  const zones = new Map(zonesOf(topology).map((zone) => [zone, lossOfZone(zone, nodes)]));
  const lossOfNode = ({ zone, share, value }: NodeLoss): PacketLoss => ({
    value: value * (1 - (zones.get(zone)?.value ?? 0)),
    reason: reasonOf(share),
  });
  return { zones, nodes: new Map(nodes.map((node) => [node.name, lossOfNode(node)])) };
}

function lossOfZone(zone: string, nodes: readonly NodeLoss[]): PacketLoss {
  const inside = nodes.filter((node) => node.zone === zone);
  const outside = nodes.filter((node) => node.zone !== zone);
  const isZone = inside.length > 1 && outside.length > 0;
  const lossy = inside.filter(({ value }) => value > 0.5).length / inside.length;
  const value = isZone ? meanOf(inside, 'value') * (1 - meanOf(outside, 'value')) : 0;
  // A zone is more than one bad card.
  const most = ramp(lossy, 0.5, 0.9);
  return { value: value * most, reason: reasonOf(meanOf(inside, 'share')) };
}

function meanOf(nodes: readonly NodeLoss[], field: 'share' | 'value'): number {
  return nodes.reduce((sum, node) => sum + node[field], 0) / Math.max(1, nodes.length);
}

function reasonOf(share: number): string {
  return `up to ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of the packets there are dropped`;
}

function requestsByNode(pods: Evidence['pods'], shifts: ShiftReader): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { service } of pods) counts.set(service, (counts.get(service) ?? 0) + 1);
  const requests = new Map<string, number>();
  for (const { service, node } of pods) {
    const rate = shifts.of('request_rate', `service/${service}`)?.baseline ?? 0;
    const share = rate / (counts.get(service) as number);
    requests.set(node, (requests.get(node) ?? 0) + share);
  }
  return requests;
}
