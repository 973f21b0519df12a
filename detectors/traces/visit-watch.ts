import { type Place, PlaceBook } from './place-book.ts';
import type { RecentTraces } from './recent-traces.ts';

/** What may make all that went through a place worth keeping. */
export interface Reasons {
  /** Services that an incident is filed under. */
  readonly suspects: ReadonlySet<string>;
  /** Pods with a container that has just been started again. */
  readonly restarted: ReadonlySet<string>;
}

/** For so many scrapes after it came up a place has cold caches, few connections, and a reason. */
const freshScrapes = 10;
/** Before, all places are new because the watch is. */
const settledScrapes = 20;
/**
 * Weight of the newest surprise in a place's mean, and deviation of that mean if nothing changed.
 */
const meanWeight = 1 / 16;
const meanDeviation = Math.LOG10E * Math.sqrt(meanWeight / (2 - meanWeight));
/** A single time counts no further than one in a thousand. */
const surpriseMax = 3;
/** What is usual of a place is learnt from so many visits, and a tenth as fast while it is off. */
const usualVisits = 500;
const firstVisits = 30;
/** A mean that is off by so many deviations has moved: 3e-5 by chance, for its law is skew. */
const movedFrom = 5;

/** One place that requests go through: a pod, an edge from one service to another, an operation. */
interface Visited extends Place {
  readonly service: string;
  /** A trace counts once, however often it comes by. */
  lastTrace: number;
  /** Mean surprise of the times spent there, now and usually. */
  mean: number;
  usual: number;
  times: number;
  /** Scrapes since it came up. */
  age: number;
}

/**
 * Tells through which places requests are worth keeping whatever became of them: what has just come
 * up, what belongs to a service under suspicion, and where times are higher among those of their
 * operations than they were, all of them or some (mean of -log p, as Fisher combines tests,
 * exponentially weighted). Blind to places that became slower so long ago that it passes for usual.
 * O(1) per span.
 */
export class VisitWatch {
  readonly #places = new PlaceBook<Visited>();
  readonly #recentTraces: RecentTraces;
  #scrapes = 0;
  #traces = 0;

  /** Whoever owns `recentTraces` adds the traces of a scrape to it before they are visited here. */
  constructor(recentTraces: RecentTraces) {
    this.#recentTraces = recentTraces;
  }

  /** A trace is next. */
  beginTrace(): void {
    this.#traces += 1;
  }

  /** Counts a visit; `surprise` is -log10 of the share of longer times, NaN where none is known. */
  add(name: string, service: string, surprise: number): void {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = createPlace(service, this.#scrapes < settledScrapes);
      if (!this.#places.enter(name, place)) return;
    }
    if (place.lastTrace !== this.#traces) {
      place.lastTrace = this.#traces;
      place.visits += 1;
    }
    if (!Number.isNaN(surprise)) learnSurprise(place, Math.min(surprise, surpriseMax));
  }

  /** Whether times at a place have become longer. */
  hasMoved(name: string): boolean {
    const place = this.#places.get(name);
    return place !== undefined && hasMoved(place);
  }

  /** Ends a scrape; `restarted` are pods. */
  close(restarted: ReadonlySet<string>): void {
    this.#scrapes += 1;
    this.#places.close((place, name) => {
      place.age = restarted.has(name) ? 0 : place.age + 1;
    });
  }

  /** The places that have just come up, with how rare a request through them is, -log10. */
  fresh(): Map<string, number> {
    const rarities = new Map<string, number>();
    for (const [name, { age, recentVisits }] of this.#places.entries()) {
      if (age <= freshScrapes) rarities.set(name, this.#recentTraces.rarity(recentVisits));
    }
    return rarities;
  }

  /** The same of places that have become slower, and of those of suspect services. */
  suspect(suspects: ReadonlySet<string>): Map<string, number> {
    const rarities = new Map<string, number>();
    const visitsOf = new Map<string, number>();
    for (const [, { service, recentVisits }] of this.#places.entries()) {
      if (suspects.has(service)) visitsOf.set(service, (visitsOf.get(service) ?? 0) + recentVisits);
    }
    for (const [name, place] of this.#places.entries()) {
      const ofService = visitsOf.get(place.service);
      const isOwn = hasMoved(place);
      if (!isOwn && ofService === undefined) continue;
      const visits = isOwn ? place.recentVisits : (ofService as number);
      rarities.set(name, this.#recentTraces.rarity(visits));
    }
    return rarities;
  }
}

function createPlace(service: string, isOld: boolean): Visited {
  return {
    service,
    visits: 0,
    recentVisits: 0,
    lastTrace: 0,
    mean: Math.LOG10E,
    usual: Math.LOG10E,
    times: 0,
    age: isOld ? freshScrapes : 0,
    idle: 0,
  };
}

function learnSurprise(place: Visited, surprise: number): void {
  place.times += 1;
  place.mean += meanWeight * (surprise - place.mean);
  const rate = 1 / Math.min(Math.max(firstVisits, place.times), usualVisits);
  place.usual += (hasMoved(place) ? 0.1 : 1) * rate * (surprise - place.usual);
}

function hasMoved({ mean, usual, times }: Visited): boolean {
  return times >= firstVisits && mean - usual > movedFrom * meanDeviation;
}
