import type { Impairment } from '../impairments/impairment.ts';
import type { CallGraph } from './call-graph.ts';
import type { Places } from './impair-places.ts';
import { isLarge } from './large-systems.ts';
import type { TopologyIndex } from './topology-index.ts';

/**
 * Where responses and ways may be unlike they would be if nothing were wrong anywhere; the rest is
 * worked out as in good health. In small systems everything counts as touched.
 */
export class TouchedPlaces {
  /** 1 where a service's responses, or the ways into or out of its pods, may be touched. */
  readonly #services: Uint8Array;
  /** 1 where a way between services may be touched: calls first, then journeys. */
  readonly #links: Uint8Array;
  readonly #podService: Int32Array;

  constructor(graph: CallGraph, index: TopologyIndex) {
    const everywhere = isLarge(index.pods.length) ? 0 : 1;
    const links = graph.calls.length + graph.journeys.length;
    this.#services = new Uint8Array(graph.services.length).fill(everywhere);
    this.#links = new Uint8Array(links).fill(everywhere);
    this.#podService = index.podService;
  }

  /** Marks what an impairment touches; what it leaves of pods and nodes is read everywhere. */
  add({ amounts, scope }: Impairment, { pods, into, links }: Places): void {
    if (scope.kind !== 'work' || amounts.errorShare || amounts.stallShare) {
      for (const p of pods) this.#addPod(p);
    }
    for (const at of into) this.#addPod(at % this.#podService.length);
    for (const link of links) this.#links[link] = 1;
  }

  #addPod(p: number): void {
    const s = this.#podService[p] as number;
    if (s >= 0) this.#services[s] = 1;
  }

  /** Whether pods of a service may respond otherwise. */
  hasService(s: number): boolean {
    return this.#services[s] === 1;
  }

  /** The same of attempts that come to a service by a link: a call, or a journey. */
  hasAttempts(s: number, link: number): boolean {
    return this.#services[s] === 1 || this.#links[link] === 1;
  }
}

/** Marks the services at places, and both ends of the ways between services. */
export function addServicesAt(
  services: Uint8Array,
  { graph, index }: { readonly graph: CallGraph; readonly index: TopologyIndex },
  { pods, into, outOf, links, service }: Places,
): void {
  const { operationService, journeyOperation, calls } = graph;
  const mark = (s: number): void => {
    if (s >= 0) services[s] = 1;
  };
  const markOperation = (o: number): void => mark(operationService[o] as number);
  mark(service);
  for (const p of pods) mark(index.podService[p] as number);
  for (const at of into) mark(index.podService[at % index.pods.length] as number);
  for (const p of outOf) mark(index.podService[p] as number);
  for (const link of links) {
    const call = calls[link];
    if (call) markOperation(call.caller);
    markOperation(call ? call.callee : (journeyOperation[link - calls.length] as number));
  }
}
