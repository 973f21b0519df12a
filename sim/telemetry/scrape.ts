import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow } from '../data-plane/flow-state.ts';
import { flowAt } from './flows-by-pod.ts';
import type { Gaps } from './gaps.ts';
import { MetricsReach } from './metrics-reach.ts';
import type { TelemetryLoss } from './telemetry-loss.ts';

/** Addresses the draws of the one exporter that tells the API server's view. */
const stateExporterEntity = 0x6b736d;

/** What all steps of writing one frame share. */
export interface Scrape {
  readonly number: number;
  readonly seconds: number;
  readonly window: FlowWindow;
  readonly view: ClusterView;
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
  conditions: Conditions;
  columnCount: number;
  gaps: Gaps;
  loss: TelemetryLoss;
}): Scrape {
  const { number, window, view, conditions } = options;
  const reach = new MetricsReach({ ...options, scrape: number });
  return {
    number,
    seconds: (window.untilMs - window.fromMs) / 1000,
    window,
    view,
    conditions,
    values: new Float64Array(options.columnCount).fill(Number.NaN),
    reach,
    visibleShares: visibleShares(view.pods, window, reach),
    stateSeen: reach.hasOutsider(stateExporterEntity),
  };
}

/**
 * Per service, the share of its requests that its pods within reach serve; 1 when it has such pods
 * but no requests, absent when it has no such pod.
 */
function visibleShares(
  pods: readonly PodView[],
  window: FlowWindow,
  reach: MetricsReach,
): Map<string, number> {
  const sums = new Map<string, { total: number; seen: number; hasSeen: boolean }>();
  let service = '';
  let sum = { total: 0, seen: 0, hasSeen: false };
  for (let i = 0; i < pods.length; i += 1) {
    const pod = pods[i] as PodView;
    // Pods of a service mostly stand together.
    if (pod.service !== service || i === 0) {
      service = pod.service;
      sum = sums.get(service) ?? { total: 0, seen: 0, hasSeen: false };
      sums.set(service, sum);
    }
    const rate = flowAt(window, i, pod)?.requestsPerSec ?? 0;
    sum.total += rate;
    if (!reach.hasPod(pod)) continue;
    sum.seen += rate;
    sum.hasSeen = true;
  }
  const shares = new Map<string, number>();
  for (const [service, { total, seen, hasSeen }] of sums) {
    if (hasSeen) shares.set(service, total > 0 ? seen / total : 1);
  }
  return shares;
}
