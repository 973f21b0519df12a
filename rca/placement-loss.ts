import { type Evidence, type MetricHistory, zonesOf } from '../core/observable/index.ts';
import { valueOfNode, valueOfZone } from './places.ts';
import type { Windows } from './windows.ts';

/** How much of a place (zone or node) has gone silent or unready, against all other places. */
export interface PlaceLoss {
  readonly name: string;
  /** 0 to 1: the place's lost share times how much better the rest of its kind is. */
  readonly value: number;
  /** The nodes report Ready although nothing answers there for longer than the kubelet's grace. */
  readonly staysReady: boolean;
  readonly reason: string;
}

interface NodeLoss {
  readonly name: string;
  readonly zone: string;
  /** How much of it is lost, 0 to 1. */
  readonly value: number;
  readonly pods: number;
  readonly podsLost: number;
  readonly staysReady: boolean;
}

const graceMs = 90_000;

/**
 * Where failing pods, missed scrapes and NotReady nodes concentrate. A node is lost by the share
 * of its pods and scrapes that are gone, a zone by the mean of its nodes; both count only as far
 * as other places are well, so that a gap in all scraping accuses nobody. Pods that left the
 * cluster (roll-outs) do not count. Fails when a place hosts nothing that is scraped. Cost:
 * O(nodes · (pods + nodes)).
 */
export function findPlaceLoss(
  evidence: Evidence,
  windows: Windows,
): { zones: readonly PlaceLoss[]; nodes: readonly PlaceLoss[] } {
  const nodes = evidence.topology.nodes.map(({ name, zone }) =>
    lossOfNode(name, zone, evidence, windows),
  );
  const zones = zonesOf(evidence.topology).map((zone) => lossOfZone(zone, nodes));
  return {
    zones,
    nodes: nodes.map((node) => ({
      name: node.name,
      value: valueOfNode(node, nodes),
      staysReady: node.staysReady,
      reason: reasonOf([node]),
    })),
  };
}

function lossOfZone(zone: string, nodes: readonly NodeLoss[]): PlaceLoss {
  const inside = nodes.filter((node) => node.zone === zone);
  const lostNodes = inside.filter(({ value }) => value > 0.5);
  return {
    name: zone,
    value: valueOfZone(zone, nodes, { few: 0.4, most: 0.7 }),
    staysReady: lostNodes.length > 0 && lostNodes.every(({ staysReady }) => staysReady),
    reason: reasonOf(inside),
  };
}

function reasonOf(nodes: readonly NodeLoss[]): string {
  const pods = nodes.reduce((sum, node) => sum + node.pods, 0);
  const podsLost = nodes.reduce((sum, node) => sum + node.podsLost, 0);
  const lostNodes = nodes.filter(({ value }) => value > 0.5).length;
  const share = `${lostNodes} of ${nodes.length} nodes and ${podsLost} of ${pods} pods`;
  return `${share} there are silent or not ready`;
}

function lossOfNode(name: string, zone: string, evidence: Evidence, windows: Windows): NodeLoss {
  const { metrics } = evidence;
  const component = `node/${name}`;
  const ready = lastValue(metrics, metrics.columns({ signal: 'node_ready', component }), windows);
  const scraped = metrics.columns({ signal: 'node_cpu_utilization', component });
  const silence = silenceOf(metrics, scraped, windows);
  const hosted = evidence.pods.filter((pod) => pod.node === name);
  let podsLost = 0;
  let podsSeen = 0;
  for (const { namespace, pod } of hosted) {
    const lost = isPodLost(metrics, `pod/${namespace}/${pod}`, windows);
    if (lost === null) continue;
    podsSeen += 1;
    if (lost) podsLost += 1;
  }
  const parts = [];
  if (silence.wasSeen) parts.push(silence.forMs > 0 ? 1 : 0);
  if (podsSeen > 0) parts.push(podsLost / podsSeen);
  const lost = parts.length === 0 ? 0 : parts.reduce((sum, part) => sum + part, 0) / parts.length;
  const staysReady = ready === 1 && silence.forMs > graceMs;
  return { name, zone, value: ready === 0 ? 1 : lost, pods: podsSeen, podsLost, staysReady };
}

/** Null for pods that were not serving before the incident: they are new, not lost. */
function isPodLost(metrics: MetricHistory, component: string, windows: Windows): boolean | null {
  const silence = silenceOf(
    metrics,
    metrics.columns({ signal: 'cpu_utilization', component }),
    windows,
  );
  const ready = metrics.columns({ signal: 'pod_ready', component });
  if (!silence.wasSeen) return null;
  return silence.forMs > 0 || lastValue(metrics, ready, windows) === 0;
}

interface Silence {
  /** Was scraped since ten minutes before the incident opened. */
  readonly wasSeen: boolean;
  /** 0 when the last frame has a value. */
  readonly forMs: number;
}

function silenceOf(metrics: MetricHistory, columns: readonly number[], windows: Windows): Silence {
  const fromMs = windows.baselineUntilMs - 8 * 60_000;
  for (const column of columns) {
    const { frames } = metrics;
    for (let i = frames.length - 1; i >= 0; i -= 1) {
      const frame = frames[i];
      if (!frame || frame.atMs <= fromMs) break;
      if (frame.atMs > windows.untilMs) continue;
      if (Number.isNaN(frame.values[column] ?? Number.NaN)) continue;
      return { wasSeen: true, forMs: windows.untilMs - frame.atMs };
    }
  }
  return { wasSeen: false, forMs: 0 };
}

function lastValue(metrics: MetricHistory, columns: readonly number[], windows: Windows): number {
  for (const column of columns) {
    const values = metrics.values(column, windows.recentFromMs, windows.untilMs);
    for (let i = values.length - 1; i >= 0; i -= 1) {
      if (!Number.isNaN(values[i])) return values[i] as number;
    }
  }
  return Number.NaN;
}
