import { describe, expect, it } from 'vitest';
import type { Span } from '../../../core/observable/index.ts';
import { mean, quantile } from '../../../core/tools/index.ts';
import type { Conditions } from '../../../sim/conditions.ts';
import { createConditions } from '../../../sim/conditions.ts';
import { DataPlane } from '../../../sim/data-plane/data-plane.ts';
import type { FlowWindow } from '../../../sim/data-plane/flow-state.ts';
import {
  latencyCdf,
  latencyMeanMs,
  latencyQuantileMs,
} from '../../../sim/data-plane/latency-law.ts';
import { PodIdentities } from '../../../sim/telemetry/pod-identity.ts';
import type { WalkJourney } from '../../../sim/telemetry/walk-graph.ts';
import { compileCallGraph } from '../../../sim/telemetry/walk-graph.ts';
import { createWalkKeys } from '../../../sim/telemetry/walk-keys.ts';
import type { WalkOutcome } from '../../../sim/telemetry/walkers.ts';
import { WindowWalk } from '../../../sim/telemetry/walkers.ts';
import { WindowLogs } from '../../../sim/telemetry/window-logs.ts';
import { createWorld, scrapeIntervalMs } from './fixture.ts';

const requests = 4000;

/** The window after five minutes of the real flow model over the small world. */
function settledWindow(
  conditions: Conditions,
  rateLimits: ReadonlyMap<string, number> = new Map(),
): FlowWindow {
  const { spec, view: open } = createWorld();
  const view = { ...open, traffic: { ...open.traffic, rateLimits } };
  const data = new DataPlane({ spec, seed: 3, conditions });
  for (let atMs = 1000; atMs <= 20 * scrapeIntervalMs; atMs += 1000) data.tick(atMs, view);
  data.closeWindow(20 * scrapeIntervalMs);
  for (let i = 1; i <= 15; i += 1) data.tick(20 * scrapeIntervalMs + i * 1000, view);
  return data.closeWindow(21 * scrapeIntervalMs);
}

function walkWindow(
  window: FlowWindow,
  conditions: Conditions,
  position: number,
): { outcomes: readonly WalkOutcome[]; spans: readonly Span[] } {
  const walk = new WindowWalk({
    keys: createWalkKeys(5),
    logs: new WindowLogs(),
    window,
    conditions,
    identities: new PodIdentities(5),
    scrape: 21,
  });
  const journey = compileCallGraph(createWorld().spec)[position] as WalkJourney;
  const outcomes = Array.from({ length: requests }, (_, number) =>
    walk.walkOne(journey, { number, endMs: window.untilMs }),
  );
  return { outcomes, spans: walk.spans };
}

function walkJourney(
  window: FlowWindow,
  conditions: Conditions,
  position: number,
): readonly WalkOutcome[] {
  return walkWindow(window, conditions, position).outcomes;
}

describe('walkers and histograms read one state', () => {
  it.each([0, 1])('journey %d in a steady state', (position) => {
    const conditions = createConditions();
    const window = settledWindow(conditions);
    const { latency, errorRatio } = window.journeys[position] as FlowWindow['journeys'][number];
    const outcomes = walkJourney(window, conditions, position);
    const sorted = Float64Array.from(outcomes, ({ durationMs }) => durationMs).sort();
    let gap = 0;
    for (let i = 0; i < requests; i += 1) {
      const share = latencyCdf(latency, sorted[i] as number);
      gap = Math.max(gap, share - i / requests, (i + 1) / requests - share);
    }
    // Chance at 1 %, plus what a gamma lacks of a sum of many parts.
    expect(gap).toBeLessThan(1.63 / Math.sqrt(requests) + 0.05);
    expect(Math.abs(mean(sorted) / latencyMeanMs(latency) - 1)).toBeLessThan(0.03);
    expect(Math.abs(quantile(sorted, 0.95) / latencyQuantileMs(latency, 0.95) - 1)).toBeLessThan(
      0.06,
    );
    const failed = outcomes.filter((outcome) => outcome.failed).length / requests;
    expect(Math.abs(failed - errorRatio)).toBeLessThan(0.005);
  });

  it.each([0, 1])(
    'journey %d while a zone is cut off: as many failures, as much time',
    (position) => {
      const conditions = { ...createConditions(), isolatedZones: new Set(['zone-a']) };
      const window = settledWindow(conditions);
      const { latency, errorRatio } = window.journeys[position] as FlowWindow['journeys'][number];
      const outcomes = walkJourney(window, conditions, position);
      const failed = outcomes.filter((outcome) => outcome.failed).length / requests;
      expect(errorRatio).toBeGreaterThan(0.3);
      expect(Math.abs(failed - errorRatio)).toBeLessThan(0.03);
      const sorted = Float64Array.from(outcomes, ({ durationMs }) => durationMs).sort();
      expect(Math.abs(mean(sorted) / latencyMeanMs(latency) - 1)).toBeLessThan(0.04);
      // The law has two instants for all that waits; its high quantiles must be the true time-outs.
      for (const q of [0.9, 0.95, 0.99]) {
        expect(Math.abs(quantile(sorted, q) / latencyQuantileMs(latency, q) - 1)).toBeLessThan(
          0.02,
        );
      }
    },
  );

  it('under overload: as many turned away, and they say so', () => {
    const conditions = createConditions();
    conditions.loadFactors.push({ journey: '*', factor: 40, startMs: 0, rampMs: 0, endMs: null });
    const window = settledWindow(conditions);
    const flow = window.pods.find(({ pod }) => pod.name === 'frontend-0')?.operations[0];
    expect(flow?.rejectRatio).toBeGreaterThan(0.1);
    expect(flow?.rejectRatio).toBeLessThanOrEqual(flow?.ownErrorRatio as number);
    const { spans } = walkWindow(window, conditions, 0);
    const served = spans.filter(({ kind, resource }) => {
      return kind === 'server' && resource.pod === 'frontend-0';
    });
    const turnedAway = served.filter(({ attributes }) => attributes['error.type'] === '503');
    expect(turnedAway.every(({ durationMs }) => durationMs === 0)).toBe(true);
    const share = turnedAway.length / served.length;
    expect(Math.abs(share - (flow?.rejectRatio as number))).toBeLessThan(0.05);
  });

  it('under a rate limit: as many stopped on the way', () => {
    const conditions = createConditions();
    const window = settledWindow(conditions, new Map([['cart', 30]]));
    const edge = window.edges.find(({ from, to }) => from === 'frontend' && to === 'cart');
    const { spans } = walkWindow(window, conditions, 1);
    const calls = spans.filter((span) => span.attributes['peer.service'] === 'cart');
    const stopped = calls.filter(({ attributes }) => attributes['error.type'] === '429');
    expect(edge?.errorRatio).toBeGreaterThan(0.2);
    expect(Math.abs(stopped.length / calls.length - (edge?.errorRatio as number))).toBeLessThan(
      0.03,
    );
  });
});
