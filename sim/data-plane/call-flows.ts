import type { CallGraph } from './call-graph.ts';
import type { EdgeFlow, JourneyFlow, LatencyLaw, MutableLaw, ServiceFlow } from './flow-state.ts';
import { errorRatioOf, type FlowSums, latencyLawOf, requestsOf } from './flow-sums.ts';
import { createLaw } from './latency-law.ts';

/**
 * Calls over a window. Their law is worked out when asked for: thousands of laws that live as long
 * as the window does are what garbage collections would be busy with.
 */
class CallFlow {
  readonly #sums: FlowSums;
  readonly #row: number;
  readonly #seconds: number;

  constructor(sums: FlowSums, row: number, seconds: number) {
    this.#sums = sums;
    this.#row = row;
    this.#seconds = seconds;
  }

  get requestsPerSec(): number {
    return requestsOf(this.#sums, this.#row) / this.#seconds;
  }

  get errorRatio(): number {
    return errorRatioOf(this.#sums, this.#row);
  }

  get latency(): LatencyLaw {
    return this.readLatency(createLaw());
  }

  readLatency(out: MutableLaw): LatencyLaw {
    return latencyLawOf(this.#sums, this.#row, out);
  }
}

class ServiceCalls extends CallFlow implements ServiceFlow {
  readonly service: string;

  constructor(service: string, sums: FlowSums, row: number, seconds: number) {
    super(sums, row, seconds);
    this.service = service;
  }
}

class EdgeCalls extends CallFlow implements EdgeFlow {
  readonly from: string;
  readonly to: string;

  constructor(edge: CallGraph['edges'][number], sums: FlowSums, row: number, seconds: number) {
    super(sums, row, seconds);
    this.from = edge.from;
    this.to = edge.to;
  }
}

/** The calls of users; `offeredPerSec` leaves their retries out. */
class JourneyCalls extends CallFlow implements JourneyFlow {
  readonly journey: string;
  readonly offeredPerSec: number;

  constructor(
    { journey, offeredPerSec }: { journey: string; offeredPerSec: number },
    sums: FlowSums,
    row: number,
    seconds: number,
  ) {
    super(sums, row, seconds);
    this.journey = journey;
    this.offeredPerSec = offeredPerSec;
  }
}

interface CallSums {
  readonly services: FlowSums;
  readonly edges: FlowSums;
  readonly journeys: FlowSums;
  /** First attempts by users, per journey. */
  readonly offered: Float64Array;
}

/** All calls of a window of so many seconds; it keeps copies of the sums. */
export function readCallFlows(
  { services, edges, journeys }: CallGraph,
  sums: CallSums,
  seconds: number,
): { services: ServiceFlow[]; edges: EdgeFlow[]; journeys: JourneyFlow[] } {
  const ofServices = sums.services.slice();
  const ofEdges = sums.edges.slice();
  const ofJourneys = sums.journeys.slice();
  return {
    services: services.map(({ name }, s) => new ServiceCalls(name, ofServices, s, seconds)),
    edges: edges.map((edge, e) => new EdgeCalls(edge, ofEdges, e, seconds)),
    journeys: journeys.map(({ name }, j) => {
      const offeredPerSec = (sums.offered[j] as number) / seconds;
      return new JourneyCalls({ journey: name, offeredPerSec }, ofJourneys, j, seconds);
    }),
  };
}
