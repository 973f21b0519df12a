import type { Span } from '../../core/observable/index.ts';
import { isSection, peerOf, type Trace } from './assemble-traces.ts';
import { LatencySketch } from './latency-sketch.ts';
import { PlaceWatch } from './place-watch.ts';
import { RecentTraces } from './recent-traces.ts';
import { ShapeWatch } from './shape-watch.ts';
import { nameOf, structureHash } from './structure-hash.ts';
import { type Reasons, VisitWatch } from './visit-watch.ts';

/** Spans slower than all but this share of their operation's count as slow. */
const slowShare = 0.05;
const slowFrom = -Math.log10(slowShare);
/** And slower than all but this share, extreme. */
const extremeShare = 0.005;
const extremeFrom = -Math.log10(extremeShare);
/** Times that are not among the slowest tenth are no clue. */
const clueFrom = 1;
/** Failures are rare where nothing is known. */
const failurePrior = 0.001;
/** What makes a place suspect weighs this much by itself, in powers of ten. */
const suspectBonus = 1;
/** And a service that an incident is filed under. */
const incidentBonus = 0.5;
/** Times at suspect places count less for what is usual. */
const suspectWeight = 0.05;
/** What a slow span at a suspect place gains with each further power of ten. */
const degreeWeight = 0.5;
/** Of the slow spans where times have become longer, so many are news. */
const movedShare = 0.9;
/** What a clue weighs beside a slow span of the same rarity that is the only one of its trace. */
const bonuses: Readonly<Record<Clue['finding'], number>> = { slow: 0, failed: 0.5, shape: -1.5 };
/** What having gone through a place under suspicion weighs, in powers of ten. */
const wayBonus = 0.3;

type Finding = 'slow' | 'failed' | 'shape' | 'way';

/** One thing that is unusual about a trace. */
interface Clue {
  readonly finding: Exclude<Finding, 'way'>;
  /** -log10 of the share of times above a slow one; 0 for other findings. */
  readonly surprise: number;
  /** Where; any of these may be to blame. */
  readonly places: readonly string[];
  readonly services: readonly string[];
}

/** A pod, or an edge between services, that a trace went through. */
interface Visit {
  readonly place: string;
  /** -log10 of the share of longer times; 0 where none is known. */
  readonly surprise: number;
}

/** What is unusual about one trace, and which way it went. */
export interface Evidence {
  readonly clues: readonly Clue[];
  readonly visits: readonly Visit[];
  /** log10 of the number of spans, any of which may be slow by chance. */
  readonly chances: number;
}

/** How strange a trace is, in powers of ten. */
export interface Verdict {
  /** By itself; and with what is known of the places where something was found. */
  readonly own: number;
  readonly known: number;
  /** And where it was slower than a place that has become slower, or went through a new one. */
  readonly found: number;
  /** And of all places it went through. */
  readonly score: number;
  readonly finding: Finding | null;
}

/**
 * Finds what is unusual about traces: spans slow for their operation, requests slow for their kind,
 * failures, rare shapes; and the places (pods, operations, edges, shapes) where such things have
 * become more frequent. A slow span weighs by how far out it is, all else by how rare its kind has
 * lately been among all traces, so that what is everywhere does not hide what is not.
 */
export class TraceEvidence {
  readonly #sketch = new LatencySketch();
  readonly #slow = new PlaceWatch({ prior: slowShare });
  readonly #extreme = new PlaceWatch({ prior: extremeShare });
  readonly #failed = new PlaceWatch({ prior: failurePrior });
  readonly #shapes = new ShapeWatch();
  readonly #recentTraces = new RecentTraces();
  readonly #visits = new VisitWatch(this.#recentTraces);
  /** Places whose every visit counts, with how rare that is. */
  #fresh: ReadonlyMap<string, number> = new Map();
  #suspect: ReadonlyMap<string, number> = new Map();

  /** What is unusual about each trace of a scrape, and then learns from all of them. */
  take(traces: readonly Trace[], { suspects, restarted }: Reasons): Evidence[] {
    this.#recentTraces.add(traces.length);
    const found = traces.map((trace) => this.#examine(trace));
    for (const { spans, selfMs, root } of traces) {
      let isOff = false;
      for (let i = 0; i < spans.length; i += 1) {
        const span = spans[i] as Span;
        if (isSection(span)) continue;
        const name = nameOf(span);
        const isSuspect = this.#isShifted(name) || this.#isShifted(span.resource.pod);
        isOff ||= isSuspect;
        this.#sketch.learn(name, selfMs[i] as number, isSuspect ? suspectWeight : 1);
      }
      const top = spans[root] as Span;
      this.#sketch.learn(`whole ${nameOf(top)}`, top.durationMs, isOff ? suspectWeight : 1);
    }
    this.#slow.close();
    this.#extreme.close();
    this.#failed.close();
    this.#shapes.close();
    this.#visits.close(restarted);
    this.#fresh = this.#visits.fresh();
    this.#suspect = this.#visits.suspect(suspects);
    return found;
  }

  /** Weighs evidence in the light of what is known by now. */
  judge({ clues, visits, chances }: Evidence, isSuspect: (service: string) => boolean): Verdict {
    let own = 0;
    let knownBest = 0;
    let found = 0;
    let finding: Finding | null = null;
    for (const clue of clues) {
      const bonus = clue.services.some(isSuspect) ? incidentBonus : 0;
      const [alone, known, moved] = this.#weigh(clue, chances);
      own = Math.max(own, alone + bonus);
      knownBest = Math.max(knownBest, known + bonus);
      if (moved + bonus <= found) continue;
      found = moved + bonus;
      finding = clue.finding;
    }
    const fresh = weighWay(visits, this.#fresh);
    if (fresh > found) {
      found = fresh;
      finding = 'way';
    }
    const way = weighWay(visits, this.#suspect);
    return {
      own,
      known: knownBest,
      found,
      score: Math.max(found, way),
      finding: way > found ? 'way' : finding,
    };
  }

  /** What a clue is worth by itself, at its places, and if these have become slower. */
  #weigh(clue: Clue, chances: number): [alone: number, known: number, moved: number] {
    const { finding, surprise, places } = clue;
    if (finding !== 'slow') {
      const watch = finding === 'failed' ? this.#failed : this.#shapes;
      const rarity = this.#rarity(watch, places[0] as string) + bonuses[finding];
      const known = rarity + newShareOf(watch, places) * suspectBonus;
      return [rarity, known, known];
    }
    // The request as a whole is one time, its spans are many; there are these two views.
    const alone = surprise - (places.length > 0 ? chances : 0) - Math.log10(2);
    const slow = surprise >= slowFrom ? this.#weighSlow(clue, this.#slow, slowFrom) : 0;
    const extreme = surprise >= extremeFrom ? this.#weighSlow(clue, this.#extreme, extremeFrom) : 0;
    const known = Math.max(alone, slow, extreme);
    if (!places.some((place) => this.#visits.hasMoved(place))) return [alone, known, known];
    const rarity = this.#rarity(this.#slow, places[0] as string) + suspectBonus;
    return [
      alone,
      known,
      Math.max(known, movedShare * rarity + degreeWeight * (surprise - clueFrom)),
    ];
  }

  /** A slow span where slow spans have become frequent. */
  #weighSlow({ surprise, places }: Clue, watch: PlaceWatch, from: number): number {
    const newShare = newShareOf(watch, places);
    if (newShare === 0) return 0;
    const rarity = this.#rarity(watch, places[0] as string);
    return newShare * (rarity + suspectBonus) + degreeWeight * (surprise - from);
  }

  /** How rare a finding at a place has lately been among all traces, -log10. */
  #rarity(watch: Pick<PlaceWatch, 'recentFinds'>, place: string): number {
    return this.#recentTraces.rarity(watch.recentFinds(place));
  }

  /** Whether times at a place are not what they were. */
  #isShifted(place: string): boolean {
    return (
      this.#slow.lift(place) > 0 || this.#extreme.lift(place) > 0 || this.#visits.hasMoved(place)
    );
  }

  #examine(trace: Trace): Evidence {
    const clues: Clue[] = [];
    const visits: Visit[] = [];
    let count = 0;
    this.#visits.beginTrace();
    for (let i = 0; i < trace.spans.length; i += 1) {
      const span = trace.spans[i] as Span;
      if (isSection(span)) continue;
      count += 1;
      this.#examineSpan(span, trace.selfMs[i] as number, clues, visits);
    }
    this.#examineWhole(trace, clues);
    return { clues, visits, chances: Math.log10(Math.max(1, count)) };
  }

  #examineSpan(span: Span, selfMs: number, clues: Clue[], visits: Visit[]): void {
    const { service, pod } = span.resource;
    const name = nameOf(span);
    const peer = span.kind === 'client' ? peerOf(span) : service;
    const places = [name, span.kind === 'client' ? `${service}>${peer}` : pod];
    const services = peer === service ? [service] : [service, peer];
    const surprise = this.#sketch.surprise(name, selfMs);
    const hasFailed = span.status === 'error';
    const place = places[1] as string;
    for (const one of places) this.#visits.add(one, peer, surprise);
    visits.push({ place, surprise: Number.isNaN(surprise) ? 0 : surprise });
    for (const one of places) {
      if (!Number.isNaN(surprise)) {
        this.#slow.add(one, 1, surprise >= slowFrom ? 1 : 0);
        this.#extreme.add(one, 1, surprise >= extremeFrom ? 1 : 0);
      }
      this.#failed.add(one, 1, hasFailed ? 1 : 0);
    }
    if (surprise >= clueFrom) clues.push({ finding: 'slow', surprise, places, services });
    if (!hasFailed) return;
    clues.push({ finding: 'failed', surprise: 0, places, services });
  }

  #examineWhole(trace: Trace, clues: Clue[]): void {
    const top = trace.spans[trace.root] as Span;
    const { service } = top.resource;
    const name = nameOf(top);
    const surprise = this.#sketch.surprise(`whole ${name}`, top.durationMs);
    if (surprise >= clueFrom) {
      clues.push({ finding: 'slow', surprise, places: [], services: [service] });
    }
    if (trace.isBroken) return;
    const shape = this.#shapes.meet(name, structureHash(trace));
    clues.push({ finding: 'shape', surprise: 0, places: [shape], services: [] });
  }
}

/** A way through places to look at: the rarer they are met, the more of it can be kept. */
function weighWay(visits: readonly Visit[], places: ReadonlyMap<string, number>): number {
  if (places.size === 0) return 0;
  let way = 0;
  for (const { place, surprise } of visits) {
    const rarity = places.get(place);
    if (rarity !== undefined) way = Math.max(way, rarity + wayBonus + degreeWeight * surprise);
  }
  return way;
}

/**
 * Of the finds at the most suspect of some places, the share that its usual rate does not explain.
 */
function newShareOf(watch: Pick<PlaceWatch, 'lift'>, places: readonly string[]): number {
  let lift = 0;
  for (const place of places) lift = Math.max(lift, watch.lift(place));
  return 1 - Math.exp(-lift * Math.LN10);
}
