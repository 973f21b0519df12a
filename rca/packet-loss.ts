import { type Evidence, edgeId, type MetricHistory, zonesOf } from '../core/observable/index.ts';
import { valueOfNode, valueOfZone } from './places.ts';
import { ramp } from './ramp.ts';
import type { ShiftReader } from './shifts.ts';
import type { Windows } from './windows.ts';

/** How lossy the network of a place (node or zone) has become, against all other places. */
export interface PacketLoss {
  /** 0 to 1. */
  readonly value: number;
  readonly reason: string;
}

/** Packets of a request and its answer, at the least; the share told of is an upper estimate. */
const packetsPerRequest = 6;
/** TCP hides a loss of half a per cent from nearly everybody, and one of 5 % from nobody. */
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
 * a service's requests and calls in equal parts for each of its pods. A zone is lossy if most of
 * its nodes are and most others are not; a node alone, as far as its zone is not. Fails for loss
 * that no node counts (on the way to users), and where one pod of many serves most; of a lossy way
 * between two services it names the nodes of the caller. Cost: O(pods + nodes²).
 */
export function findPacketLoss(
  evidence: Evidence,
  windows: Windows,
  shifts: ShiftReader,
): { zones: ReadonlyMap<string, PacketLoss>; nodes: ReadonlyMap<string, PacketLoss> } {
  const { topology } = evidence;
  const requests = requestsByNode(evidence, shifts);
  const nodes = topology.nodes.map(({ name, zone }): NodeLoss => {
    const packets = packetsPerRequest * (requests.get(name) ?? 0);
    const { drops, zScore } = lastingDrops(evidence.metrics, name, { windows, shifts });
    const share = packets > 0 ? Math.min(1, drops / packets) : 0;
    return { name, zone, share, value: ramp(zScore, 3, 6) * ramp(share, shareFelt, shareFull) };
  });
  const zones = new Map(zonesOf(topology).map((zone) => [zone, lossOfZone(zone, nodes)]));
  const lossOfNode = (node: NodeLoss): PacketLoss => ({
    value: valueOfNode(node, nodes) * (1 - (zones.get(node.zone)?.value ?? 0)),
    reason: reasonOf(node.share),
  });
  return { zones, nodes: new Map(nodes.map((node) => [node.name, lossOfNode(node)])) };
}

/**
 * What a node drops per second beyond its past, in two neighbouring scrapes at least: a burst for
 * which a buffer was short is over in one.
 */
function lastingDrops(
  metrics: MetricHistory,
  node: string,
  { windows, shifts }: { readonly windows: Windows; readonly shifts: ShiftReader },
): { readonly drops: number; readonly zScore: number } {
  const none = { drops: 0, zScore: 0 };
  const [column] = metrics.columns({ signal: 'node_packet_drops', component: `node/${node}` });
  const shift = column === undefined ? null : shifts.ofColumn(column);
  if (column === undefined || !shift || shift.delta <= 0) return none;
  const values = metrics.values(column, windows.recentFromMs, windows.untilMs);
  let lasting = 0;
  for (let i = 1; i < values.length; i += 1) {
    const both = Math.min(values[i - 1] as number, values[i] as number);
    if (both > lasting) lasting = both;
  }
  const drops = Math.max(0, lasting - shift.baseline);
  return { drops, zScore: (shift.zScore * drops) / shift.delta };
}

function lossOfZone(zone: string, nodes: readonly NodeLoss[]): PacketLoss {
  const inside = nodes.filter((node) => node.zone === zone);
  // The only node of a zone is that node.
  const value = inside.length > 1 ? valueOfZone(zone, nodes, { few: 0.5, most: 0.9 }) : 0;
  const share = inside.reduce((sum, node) => sum + node.share, 0) / inside.length;
  return { value, reason: reasonOf(share) };
}

function reasonOf(share: number): string {
  return `up to ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of the packets there are dropped`;
}

/** Requests per second that the pods of each node serve, and calls that they make. */
function requestsByNode({ topology, pods }: Evidence, shifts: ShiftReader): Map<string, number> {
  const rates = new Map<string, number>();
  const add = (sums: Map<string, number>, name: string, amount: number): void => {
    sums.set(name, (sums.get(name) ?? 0) + amount);
  };
  for (const { name } of topology.services) {
    add(rates, name, shifts.of('request_rate', `service/${name}`)?.baseline ?? 0);
  }
  for (const { from, to } of topology.calls) {
    add(rates, from, shifts.of('edge_request_rate', edgeId(from, to))?.baseline ?? 0);
  }
  const counts = new Map<string, number>();
  for (const { service } of pods) add(counts, service, 1);
  const requests = new Map<string, number>();
  for (const { service, node } of pods) {
    add(requests, node, (rates.get(service) ?? 0) / (counts.get(service) as number));
  }
  return requests;
}
