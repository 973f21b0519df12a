import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow } from '../data-plane/flow-state.ts';
import { flowAt } from './flows-by-pod.ts';
import type { Gaps } from './gaps.ts';
import { MetricsReach } from './metrics-reach.ts';
import type { PodTable } from './pod-table.ts';
import type { TelemetryLoss } from './telemetry-loss.ts';

/** Addresses the draws of the one exporter that tells the API server's view. */
const stateExporterEntity = 0x6b736d;

/** What all steps of writing one frame share. */
export interface Scrape {
  readonly number: number;
  readonly seconds: number;
  readonly window: FlowWindow;
  readonly view: ClusterView;
  readonly table: PodTable;
  readonly conditions: Conditions;
  readonly values: Float64Array;
  readonly reach: MetricsReach;
  /** Per service the share of its requests served by pods within reach; absent: no such pod. */
  readonly visibleShares: ReadonlyMap<string, number>;
  /** The API server's exporter answered. */
  readonly stateSeen: boolean;
}

/** Sets up a frame in which nothing has been scraped yet. */
export function beginScrape(options: {
  number: number;
  window: FlowWindow;
  view: ClusterView;
  table: PodTable;
  conditions: Conditions;
  columnCount: number;
  gaps: Gaps;
  loss: TelemetryLoss;
}): Scrape {
  const { number, window, view, table, conditions } = options;
  const reach = new MetricsReach({ ...options, scrape: number });
  return {
    number,
    seconds: (window.untilMs - window.fromMs) / 1000,
    window,
    view,
    table,
    conditions,
    values: new Float64Array(options.columnCount).fill(Number.NaN),
    reach,
    visibleShares: visibleShares(table, window, reach),
    stateSeen: reach.hasOutsider(stateExporterEntity),
  };
}

/**
 * Per service, the share of its requests that its pods within reach serve; 1 when it has such pods
 * but no requests, absent when it has no such pod. Requests are read where a pod is out of reach.
 */
function visibleShares(
  table: PodTable,
  window: FlowWindow,
  reach: MetricsReach,
): Map<string, number> {
  const { pods, services, service } = table;
  const seenPods = new Uint32Array(services.length);
  const unseenPods = new Uint32Array(services.length);
  for (let i = 0; i < pods.length; i += 1) {
    const count = reach.hasPod(i) ? seenPods : unseenPods;
    count[service[i] as number] = (count[service[i] as number] as number) + 1;
  }
  const total = new Float64Array(services.length);
  const seen = new Float64Array(services.length);
  for (let i = 0; i < pods.length; i += 1) {
    const s = service[i] as number;
    if (unseenPods[s] === 0 || seenPods[s] === 0) continue;
    const rate = flowAt(window, i, pods[i] as PodView)?.requestsPerSec ?? 0;
    total[s] = (total[s] as number) + rate;
    if (reach.hasPod(i)) seen[s] = (seen[s] as number) + rate;
  }
  const shares = new Map<string, number>();
  for (let s = 0; s < services.length; s += 1) {
    if (seenPods[s] === 0) continue;
    const all = total[s] as number;
    shares.set(services[s] as string, all > 0 ? (seen[s] as number) / all : 1);
  }
  return shares;
}
