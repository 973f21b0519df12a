import type { Span } from '../../../core/observable/index.ts';
import type { PairedScrape } from './play-pair.ts';

/**
 * What the fault did to a request. A slight effect is a longer time that is beyond chance, but less
 * than a tenth of the request; it does not count as affected.
 */
export type Effect = 'outcome' | 'path' | 'time' | 'slight';

/** A longer time of its own counts from so many standard deviations of the operation. */
const deviationsMin = 2;
const timesMin = 30;
/** And from this share of the whole request. */
const shareMin = 0.1;

interface Moments {
  count: number;
  mean: number;
  squares: number;
}

/**
 * Labels the requests that a fault affected: the same request, found by its trace id in the world
 * without the fault, fared better there. More of its spans failed; or it went another way (services
 * and operations called, in order) without failing less; or one of its spans took longer, without
 * its children, by more than two standard deviations of that operation's own times and by a tenth
 * of the whole request, both as they are without the fault. Requests that ask for something else in
 * the two worlds are no pair.
 */
export class AffectedLabels {
  readonly #usual = new Map<string, Moments>();

  /**
   * Effects by trace id, and the number of traces that have no pair; learns from the sound world.
   */
  label({ spans, paired }: PairedScrape): { effects: Map<string, Effect>; unpaired: number } {
    const effects = new Map<string, Effect>();
    for (const [name, ms] of ownTimes(paired ?? spans)) this.#learn(name, ms);
    if (paired === null) return { effects, unpaired: 0 };
    const sound = Map.groupBy(paired, ({ traceId }) => traceId);
    let unpaired = 0;
    for (const [traceId, trace] of Map.groupBy(spans, (span) => span.traceId)) {
      const twin = sound.get(traceId);
      if (twin === undefined || nameOf(trace[0] as Span) !== nameOf(twin[0] as Span)) {
        unpaired += 1;
        continue;
      }
      const effect = this.#compare(trace, twin);
      if (effect !== null) effects.set(traceId, effect);
    }
    return { effects, unpaired };
  }

  #compare(trace: readonly Span[], twin: readonly Span[]): Effect | null {
    const [own, other] = [trace.filter(isOfPath), twin.filter(isOfPath)];
    const more = failuresOf(own) - failuresOf(other);
    if (more > 0) return 'outcome';
    if (more < 0) return null;
    if (own.map(nameOf).join() !== other.map(nameOf).join()) return 'path';
    return this.#compareTimes(own, other);
  }

  #compareTimes(own: readonly Span[], other: readonly Span[]): Effect | null {
    const times = ownTimes(own);
    const otherTimes = ownTimes(other);
    const wholeMs = Math.max(...other.map(({ durationMs }) => durationMs));
    let effect: Effect | null = null;
    for (let i = 0; i < times.length; i += 1) {
      const [name, ms] = times[i] as (typeof times)[number];
      const [, otherMs] = otherTimes[i] as (typeof otherTimes)[number];
      const { count, squares } = this.#usual.get(name) as Moments;
      if (count < timesMin || ms - otherMs <= deviationsMin * Math.sqrt(squares / count)) continue;
      if (ms - otherMs > shareMin * wholeMs) return 'time';
      effect = 'slight';
    }
    return effect;
  }

  #learn(name: string, ms: number): void {
    let usual = this.#usual.get(name);
    if (usual === undefined) {
      usual = { count: 0, mean: 0, squares: 0 };
      this.#usual.set(name, usual);
    }
    usual.count += 1;
    const change = ms - usual.mean;
    usual.mean += change / usual.count;
    usual.squares += change * (ms - usual.mean);
  }
}

/** Sections of a process are recorded when they are long, so they say nothing of the way. */
function isOfPath({ kind }: Span): boolean {
  return kind !== 'internal';
}

function nameOf({ kind, resource, operation }: Span): string {
  return `${kind} ${resource.service}/${operation}`;
}

function failuresOf(trace: readonly Span[]): number {
  return trace.filter(({ status }) => status === 'error').length;
}

/** Each span's name and its time without that of its children, which the twin's never overlap. */
function ownTimes(spans: readonly Span[]): [name: string, ms: number][] {
  const below = new Map<string, number>();
  for (const { parentSpanId, durationMs, kind } of spans) {
    if (parentSpanId === null || kind === 'internal') continue;
    below.set(parentSpanId, (below.get(parentSpanId) ?? 0) + durationMs);
  }
  return spans.filter(isOfPath).map((span) => {
    const ms = span.durationMs - (below.get(span.spanId) ?? 0);
    return [nameOf(span), Math.max(0, ms)];
  });
}
