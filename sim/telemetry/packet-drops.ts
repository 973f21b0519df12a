import { createDrawKey, normalAt, uniformAt } from '../../core/tools/index.ts';
import type { PodView } from '../cluster-view.ts';
import { segmentsLost } from '../data-plane/impair-ways.ts';
import { type Impairment, isAt, type PodPlace, strengthAt } from '../impairments/impairment.ts';
import { flowAt } from './flows-by-pod.ts';
import type { Scrape } from './scrape.ts';

/**
 * What interfaces drop in good health: frames that nobody on the node wants, and bursts that find
 * the ring buffer full. Medians and chances are assumptions.
 */
const unwantedPerSec = 0.03;
const unwantedSpread = 1;
/** Per scrape. */
const burstChance = 1 / 240;
const burstPackets = 60;

/**
 * Packets per second that the interfaces and queues of nodes drop: a little always, and what lossy
 * links and failing cards lose of the traffic of the pods there. A packet is dropped where the
 * loss is; between two services that is where the caller runs, and on the way to users elsewhere.
 */
export class PacketDrops {
  readonly #key: number;
  readonly #sizeKey: number;

  constructor(seed: number) {
    this.#key = createDrawKey(seed, 'telemetry/packet-drops');
    this.#sizeKey = createDrawKey(seed, 'telemetry/packet-drops-size');
  }

  /** What a node drops per second in good health, over one scrape window. */
  usual(entity: number, { number, seconds }: Pick<Scrape, 'number' | 'seconds'>): number {
    const unwanted = unwantedPerSec * Math.exp(unwantedSpread * normalAt(this.#sizeKey, entity, 0));
    const u = uniformAt(this.#key, entity, number);
    // Given that there is a burst, u is uniform below the chance, hence its size exponential.
    const isBurst = u < burstChance && u > 0;
    return unwanted + (isBurst ? -burstPackets * Math.log(u / burstChance) : 0) / seconds;
  }

  /**
   * What the nodes drop per second because links or cards are lossy, over the window. What has
   * ended within it is forgotten; what concerns single operations is no network's.
   */
  lost(scrape: Scrape): ReadonlyMap<string, number> {
    const lost = new Map<string, number>();
    for (const impairment of scrape.conditions.impairments) {
      if (impairment.amounts.packetLoss === undefined) continue;
      const { scope } = impairment;
      if (scope.kind === 'ways') addWays(lost, scrape, impairment, scope.at);
      if (scope.kind === 'calls' && scope.operation === '') {
        addCalls(lost, scrape, impairment, scope);
      }
    }
    return lost;
  }
}

/** Of all ways in and out: requests that the pods serve, and calls that they make. */
function addWays(
  lost: Map<string, number>,
  scrape: Scrape,
  impairment: Impairment,
  at: PodPlace,
): void {
  const { view, table } = scrape;
  const made = new CallsMade(scrape, { from: '', to: '' });
  // Of a zone only what crosses its border; callees are taken to be spread as the nodes are.
  const outside = view.nodes.filter(({ zone }) => zone !== at.zone).length;
  const share = at.zone === '' ? 1 : outside / view.nodes.length;
  table.pods.forEach((pod, i) => {
    if (!isAt(pod, at)) return;
    const requests = requestsOf(scrape, i) + made.by(i);
    addTo(lost, pod.node, share * requests * lostPerRequest(scrape, impairment, i));
  });
}

function addCalls(
  lost: Map<string, number>,
  scrape: Scrape,
  impairment: Impairment,
  scope: { readonly from: string; readonly to: string },
): void {
  const made = new CallsMade(scrape, scope);
  scrape.table.pods.forEach(({ node }, i) => {
    const calls = made.by(i);
    if (calls > 0) addTo(lost, node, calls * lostPerRequest(scrape, impairment, i));
  });
}

/** Calls per second on some edges, by pod: a caller's pods call as often as they are called. */
class CallsMade {
  readonly #scrape: Scrape;
  /** By caller: calls on these edges, and requests that all its pods serve. */
  readonly #calls = new Map<string, number>();
  readonly #served = new Map<string, number>();

  /** Of the edges from and to these services; empty means any. */
  constructor(scrape: Scrape, { from, to }: { readonly from: string; readonly to: string }) {
    this.#scrape = scrape;
    for (const edge of scrape.window.edges) {
      if ((from !== '' && edge.from !== from) || (to !== '' && edge.to !== to)) continue;
      addTo(this.#calls, edge.from, edge.requestsPerSec);
    }
    scrape.table.pods.forEach(({ service }, i) => {
      if (this.#calls.has(service)) addTo(this.#served, service, requestsOf(scrape, i));
    });
  }

  by(i: number): number {
    const { service } = this.#scrape.table.pods[i] as PodView;
    const served = this.#served.get(service) ?? 0;
    if (served === 0) return 0;
    return ((this.#calls.get(service) ?? 0) * requestsOf(this.#scrape, i)) / served;
  }
}

/** Packets that a request of pod `i` loses, on average over the seconds of the window. */
function lostPerRequest({ window, table }: Scrape, impairment: Impairment, i: number): number {
  const { amounts, course } = impairment;
  const startedMs = (table.startedUs[i] as number) / 1000;
  let sum = 0;
  let seconds = 0;
  for (let atMs = window.fromMs + 500; atMs < window.untilMs; atMs += 1000) {
    sum += segmentsLost((amounts.packetLoss ?? 0) * strengthAt(course, atMs, startedMs));
    seconds += 1;
  }
  return seconds === 0 ? 0 : sum / seconds;
}

function requestsOf({ window, table }: Scrape, i: number): number {
  return flowAt(window, i, table.pods[i] as PodView)?.requestsPerSec ?? 0;
}

function addTo(sums: Map<string, number>, name: string, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}
