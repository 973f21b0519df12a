import { createDrawKey, normalAt, uniformAt } from '../../core/tools/index.ts';
import type { PodView } from '../cluster-view.ts';
import { segmentsLost } from '../data-plane/impair-ways.ts';
import { type Impairment, type PodPlace, strengthAt } from '../impairments/impairment.ts';
import { flowAt } from './flows-by-pod.ts';
import type { Scrape } from './scrape.ts';

/**
 * What interfaces drop in good health: frames that nobody on the node wants, and bursts that find
 * the ring buffer full. Medians and chances are assumptions.
 */
const unwantedPerSec = 0.03;
const unwantedSpread = 1;
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
  usual(entity: number, { number, seconds }: Scrape): number {
    const unwanted = unwantedPerSec * Math.exp(unwantedSpread * normalAt(this.#sizeKey, entity, 0));
    const u = uniformAt(this.#key, entity, number);
    // Given that there is a burst, u below the chance is uniform: its size is exponential.
    const burst = u < burstChance ? -burstPackets * Math.log((u + 1e-9) / burstChance) : 0;
    return unwanted + Math.max(0, burst) / seconds;
  }

  /** What the nodes drop per second because links or cards are lossy, as of the scrape. */
  lost(scrape: Scrape): ReadonlyMap<string, number> {
    const lost = new Map<string, number>();
    for (const impairment of scrape.conditions.impairments) {
      if (impairment.amounts.packetLoss === undefined) continue;
      if (impairment.scope.kind === 'ways') {
        addWays(lost, scrape, impairment, impairment.scope.at);
      } else if (impairment.scope.kind === 'calls') {
        addCalls(lost, scrape, impairment, impairment.scope);
      }
    }
    return lost;
  }
}

function addWays(
  lost: Map<string, number>,
  scrape: Scrape,
  { amounts, course }: Impairment,
  at: PodPlace,
): void {
  const { view, window, table } = scrape;
  // Of a zone only what crosses its border; callees are taken to be spread as the nodes are.
  const outside = view.nodes.filter(({ zone }) => zone !== at.zone).length;
  const share = at.zone === '' ? 1 : outside / view.nodes.length;
  table.pods.forEach((pod, i) => {
    if (!isAt(pod, at)) return;
    const strength = strengthAt(course, window.untilMs, (table.startedUs[i] as number) / 1000);
    const perRequest = segmentsLost((amounts.packetLoss ?? 0) * strength);
    addTo(lost, pod.node, share * perRequest * requestsOf(scrape, i));
  });
}

function isAt(pod: PodView, { service, release, zone, nodes, pods }: PodPlace): boolean {
  return (
    (service === '' || pod.service === service) &&
    (release === '' || `${pod.workload}@${pod.release}` === release) &&
    (zone === '' || pod.zone === zone) &&
    (nodes === null || nodes.includes(pod.node)) &&
    (pods === null || pods.includes(pod.uid))
  );
}

function addCalls(
  lost: Map<string, number>,
  scrape: Scrape,
  { amounts, course }: Impairment,
  { from, to }: { readonly from: string; readonly to: string },
): void {
  const { window, table } = scrape;
  const strength = strengthAt(course, window.untilMs, course.sinceMs);
  const perRequest = segmentsLost((amounts.packetLoss ?? 0) * strength);
  const callsOf = new Map<string, number>();
  for (const edge of window.edges) {
    if ((from !== '' && edge.from !== from) || (to !== '' && edge.to !== to)) continue;
    addTo(callsOf, edge.from, edge.requestsPerSec);
  }
  const served = new Map<string, number>();
  table.pods.forEach(({ service }, i) => {
    if (callsOf.has(service)) addTo(served, service, requestsOf(scrape, i));
  });
  // A caller's pods call as often as they are called.
  table.pods.forEach(({ service, node }, i) => {
    const all = served.get(service) ?? 0;
    if (all === 0) return;
    const share = requestsOf(scrape, i) / all;
    addTo(lost, node, share * perRequest * (callsOf.get(service) ?? 0));
  });
}

function requestsOf({ window, table }: Scrape, i: number): number {
  return flowAt(window, i, table.pods[i] as PodView)?.requestsPerSec ?? 0;
}

function addTo(sums: Map<string, number>, name: string, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}
