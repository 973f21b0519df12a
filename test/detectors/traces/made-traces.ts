import type { Span } from '../../../core/observable/index.ts';
import { createStream, type Stream } from '../../../core/tools/index.ts';

/** A span by hand: times in ms, `pod` is the service's only one unless given. */
export function makeSpan(given: {
  id: string;
  parent?: string;
  trace?: string;
  service?: string;
  pod?: string;
  peer?: string;
  kind?: Span['kind'];
  operation?: string;
  start?: number;
  duration: number;
  failed?: boolean;
}): Span {
  const { id, parent, trace = 't', service = 'shop', kind = 'server', operation = 'Get' } = given;
  const pod = given.pod ?? `${service}-1`;
  return {
    traceId: trace,
    spanId: `${trace}/${id}`,
    parentSpanId: parent === undefined ? null : `${trace}/${parent}`,
    kind,
    operation,
    resource: { service, pod, node: 'n', zone: 'z', region: 'r', release: 'v1' },
    startMs: given.start ?? 0,
    durationMs: given.duration,
    status: given.failed ? 'error' : 'ok',
    attributes: given.peer === undefined ? {} : { 'peer.service': given.peer },
  };
}

/**
 * How a request fares: the factor on the store's time, failure there, and whether ads are asked,
 * and theirs.
 */
export interface Fate {
  readonly storeFactor?: number;
  readonly storeFails?: boolean;
  readonly asksAds?: boolean;
  readonly adsFactor?: number;
}

/** A shop whose front calls a cart, which asks a store, and now and then ads. */
export class TracedShop {
  readonly #stream: Stream;
  #requests = 0;

  constructor(seed: number) {
    this.#stream = createStream(seed, 'traced-shop');
  }

  /** The spans of a scrape; `fateOf` is told the request's number in it. */
  scrape(requests: number, fateOf: (i: number) => Fate = () => ({})): Span[] {
    return Array.from({ length: requests }, (_, i) => this.#request(fateOf(i))).flat();
  }

  #request({ storeFactor = 1, storeFails = false, asksAds = true, adsFactor = 1 }: Fate): Span[] {
    this.#requests += 1;
    const trace = `trace-${this.#requests}`;
    const storeMs = this.#drawMs(4) * storeFactor;
    const cartMs = this.#drawMs(2) + storeMs + 1;
    const adsMs = asksAds ? this.#drawMs(3) * adsFactor : 0;
    const frontMs = this.#drawMs(5);
    const common = { trace, failed: storeFails };
    const spans = [
      makeSpan({ ...common, id: 'a', service: 'front', duration: frontMs + cartMs + 1 + adsMs }),
      makeSpan({
        ...common,
        id: 'b',
        parent: 'a',
        service: 'front',
        peer: 'cart',
        kind: 'client',
        duration: cartMs + 1,
      }),
      makeSpan({ ...common, id: 'c', parent: 'b', service: 'cart', start: 0.5, duration: cartMs }),
      makeSpan({
        ...common,
        id: 'd',
        parent: 'c',
        service: 'cart',
        peer: 'store',
        kind: 'client',
        start: 0.5,
        duration: storeMs + 1,
      }),
      makeSpan({ ...common, id: 'e', parent: 'd', service: 'store', start: 1, duration: storeMs }),
    ];
    const start = cartMs + 1;
    const ads = { trace, id: 'f', parent: 'a', service: 'ads', start, duration: adsMs };
    return asksAds ? [...spans, makeSpan(ads)] : spans;
  }

  #drawMs(mean: number): number {
    return Math.round(-1000 * mean * Math.log(1 - this.#stream.next())) / 1000 + 0.01;
  }
}
