/** What tests of the flow ask of a window, and what they do to it. */
import { expect } from 'vitest';
import type { Conditions } from '../../../sim/conditions.ts';
import type {
  EdgeFlow,
  FlowWindow,
  JourneyFlow,
  LatencyLaw,
  PodFlow,
  ServiceFlow,
} from '../../../sim/data-plane/flow-state.ts';
import type { Bench } from './fixture.ts';

export function edge(window: FlowWindow, from: string, to: string): EdgeFlow {
  return window.edges.find((item) => item.from === from && item.to === to) as EdgeFlow;
}

export function pod(window: FlowWindow, name: string): PodFlow {
  return window.pods.find((item) => item.pod.name === name) as PodFlow;
}

type Figures<Flow> = {
  readonly [field in Exclude<keyof Flow, 'readLatency'>]: string | number | LatencyLaw;
};

/**
 * A window's calls as plain numbers. Flows work theirs out when asked and have no fields of their
 * own, so comparing the flows themselves would compare only names.
 */
export function callFiguresOf({ services, edges, journeys }: FlowWindow): {
  services: Figures<ServiceFlow>[];
  edges: Figures<EdgeFlow>[];
  journeys: Figures<JourneyFlow>[];
} {
  return {
    services: services.map(({ service, requestsPerSec, errorRatio, latency }) => {
      return { service, requestsPerSec, errorRatio, latency };
    }),
    edges: edges.map(({ from, to, requestsPerSec, errorRatio, latency }) => {
      return { from, to, requestsPerSec, errorRatio, latency };
    }),
    journeys: journeys.map(({ journey, offeredPerSec, errorRatio, latency }) => {
      return { journey, offeredPerSec, errorRatio, latency };
    }),
  };
}

/** All users want `factor` times as much from `startMs` on. */
export function surge(conditions: Conditions, factor: number, startMs: number): void {
  conditions.loadFactors.push({ journey: '*', factor, startMs, rampMs: 0, endMs: null });
}

/** Every request that arrived is done, failed, rejected, lost or waiting. */
export function expectConserved(bench: Bench): void {
  const { arrived, done, failed, rejected, lost, backlog } = bench.plane.counters();
  const accounted = done + failed + rejected + lost + backlog;
  expect(Math.abs(accounted - arrived)).toBeLessThanOrEqual(1e-9 * arrived);
}
