import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow, PodFlow } from '../data-plane/flow-state.ts';
import type { CountingNoise } from './noise.ts';
import { isCollectable } from './pod-identity.ts';

/** Addresses the draws of the one exporter that tells the API server's view. */
const stateExporterEntity = 0x6b736d;

/** What all steps of writing one frame share. */
export interface Scrape {
  readonly number: number;
  readonly seconds: number;
  readonly window: FlowWindow;
  readonly view: ClusterView;
  readonly conditions: Conditions;
  readonly flows: ReadonlyMap<string, PodFlow>;
  readonly values: Float64Array;
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
  counting: CountingNoise;
}): Scrape {
  const { number, window, view, conditions } = options;
  const flows = new Map(window.pods.map((flow) => [flow.pod.uid, flow]));
  return {
    number,
    seconds: (window.untilMs - window.fromMs) / 1000,
    window,
    view,
    conditions,
    flows,
    values: new Float64Array(options.columnCount).fill(Number.NaN),
    visibleShares: collectableShares(view.pods, flows, conditions),
    stateSeen: !options.counting.isGap(stateExporterEntity, number),
  };
}

/**
 * Per service, the share of its requests that its collectable pods serve; 1 when it has such pods
 * but no requests, absent when it has no such pod.
 */
function collectableShares(
  pods: readonly PodView[],
  flows: ReadonlyMap<string, PodFlow>,
  conditions: Conditions,
): Map<string, number> {
  const totals = new Map<string, number>();
  const shares = new Map<string, number>();
  for (const pod of pods) {
    let rate = 0;
    for (const operation of flows.get(pod.uid)?.operations ?? []) rate += operation.requestsPerSec;
    totals.set(pod.service, (totals.get(pod.service) ?? 0) + rate);
    if (!isCollectable(pod, conditions)) continue;
    shares.set(pod.service, (shares.get(pod.service) ?? 0) + rate);
  }
  for (const [service, rate] of shares) {
    const total = totals.get(service) as number;
    shares.set(service, total > 0 ? rate / total : 1);
  }
  return shares;
}
