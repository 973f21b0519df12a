import { latencyMeanMs, latencyQuantileMs } from '../../sim/data-plane/latency-law.ts';
import type { ReferenceNetwork, ReferenceService } from '../reference/network.ts';
import { scvOf } from '../reference/service-law.ts';
import { simulate } from '../reference/simulate.ts';
import type { Discipline } from '../reference/station.ts';
import {
  Bench,
  callSpec,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  twinSpec,
} from '../sim/data-plane/fixture.ts';

/** What the users of a network see: rates per second, shares 0 to 1, times of attempts in ms. */
export interface UserFigures {
  readonly goodPerSec: number;
  readonly errorRatio: number;
  readonly meanMs: number;
  readonly p99Ms: number;
  /** Attempts per second that arrive at each service, refused ones included. */
  readonly arrivalsPerSec: Readonly<Record<string, number>>;
}

export interface FlowFigures extends UserFigures {
  /** The lowest and the highest share of users served well in any second. */
  readonly goodShareMin: number;
  readonly goodShareMax: number;
}

export interface SideBySide {
  readonly flow: UserFigures;
  readonly reference: UserFigures;
}

const measuredFlowSec = 600;
const zones = ['a', 'b', 'c'];

/**
 * The same network by the flow model in its stationary state and by the request-level reference.
 */
export function playBoth(network: ReferenceNetwork, run: { measuredSec: number }): SideBySide {
  return { flow: playFlow(network), reference: playReference(network, run.measuredSec) };
}

function playReference(network: ReferenceNetwork, measuredSec: number): UserFigures {
  const result = simulate(network, { seed: 101, warmUpSec: 60, measuredSec });
  return {
    goodPerSec: result.goodPerSec,
    errorRatio: result.errorRatio,
    meanMs: result.attempt.mean().value,
    p99Ms: result.attempt.quantile(0.99).value,
    arrivalsPerSec: Object.fromEntries(
      Object.entries(result.services).map(([name, figures]) => [name, figures.arrivalsPerSec]),
    ),
  };
}

export function playFlow(network: ReferenceNetwork): FlowFigures {
  const { users, services } = network;
  const spec = twinSpec({
    services: services.map((service) =>
      serviceSpec(
        service.name,
        [
          operationSpec('Get', {
            cpuMs: service.cpuMs,
            scv: scvOf(service.law),
            errorRatio: service.errorRatio,
            calls: service.calls.map(({ service: callee, ...call }) =>
              callSpec(callee, 'Get', { ...call, timeoutMs: Math.min(call.timeoutMs, 1e9) }),
            ),
          }),
        ],
        {
          concurrencyMax: Math.min(service.concurrencyMax, 1e9),
          ...(isPooled(service.discipline) ? {} : { threading: 'thread_per_request' }),
        },
      ),
    ),
    journeys: [
      journeySpec('visit', users.service, 'Get', {
        timeoutMs: Math.min(users.timeoutMs, 1e9),
        retries: users.retries,
        latencySloMs: 1e9,
      }),
    ],
    workload: { requestsPerSec: users.requestsPerSec },
  });
  const view = clusterView(services.flatMap(podsOf));
  // Requests share a core for good only where the node has no more of them.
  const shared = services.find(({ discipline }) => discipline.kind === 'sharing')?.discipline;
  const nodes = view.nodes.map((node) =>
    shared?.kind === 'sharing' ? { ...node, cpuCores: shared.cores } : node,
  );
  const bench = new Bench(spec);
  bench.play({ ...view, nodes }, 900);
  bench.plane.closeWindow(bench.nowMs);
  let good = 0;
  let goodShareMin = 1;
  let goodShareMax = 0;
  for (let second = 0; second < measuredFlowSec; second += 1) {
    const { user } = bench.play({ ...view, nodes }, 1);
    const share = user.good[0]! / user.offered[0]!;
    good += share / measuredFlowSec;
    goodShareMin = Math.min(goodShareMin, share);
    goodShareMax = Math.max(goodShareMax, share);
  }
  const window = bench.plane.closeWindow(bench.nowMs);
  const journey = window.journeys[0]!;
  // Whole-number arrivals ride along in the window; per offered request they cancel.
  const perOffered = users.requestsPerSec / journey.offeredPerSec;
  return {
    goodShareMin,
    goodShareMax,
    goodPerSec: users.requestsPerSec * good,
    errorRatio: journey.errorRatio,
    meanMs: latencyMeanMs(journey.latency),
    p99Ms: latencyQuantileMs(journey.latency, 0.99),
    arrivalsPerSec: Object.fromEntries(
      window.services.map(({ service, requestsPerSec }) => [service, requestsPerSec * perOffered]),
    ),
  };
}

/** Whether requests wait for one of as many workers as there are cores. */
function isPooled(discipline: Discipline): boolean {
  return discipline.kind === 'fcfs' || (discipline.kind === 'quota' && discipline.workers === 1);
}

function podsOf({ name, replicas, discipline }: ReferenceService): ReturnType<typeof podView>[] {
  const cores = discipline.kind === 'fcfs' ? discipline.servers : discipline.cores;
  return Array.from({ length: replicas }, (_, r) =>
    podView(name, zones[r % zones.length]!, {
      name: `${name}-${r}`,
      cpuLimitCores: cores,
      memoryLimitBytes: 1e15,
    }),
  );
}
