import { recentKept } from './place-watch.ts';

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
/** Places not met for so many scrapes are forgotten, and at most so many known. */
const forgottenAfter = 240;
const placesMax = 16_384;
/** Weight of the newest surprise in a place's mean, and deviation of that mean if nothing changed. */
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
interface Place {
  readonly service: string;
  /** Traces of this scrape, and of the last four or so. */
  visits: number;
  recentVisits: number;
  lastTrace: number;
  /** Mean surprise of the times spent there, now and usually. */
  mean: number;
  usual: number;
  times: number;
  /** Scrapes since it came up, and since it was last met. */
  age: number;
  idle: number;
}

/**
 * Tells through which places requests are worth keeping whatever became of them: what has just come
 * up, what belongs to a service under suspicion, and where times are higher among those of their
 * operations than they were, all of them or some (mean of -log p, as Fisher combines tests,
 * exponentially weighted). Blind to places that became slower so long ago that it passes for usual.
 * O(1) per span.
 */
export class VisitWatch {
  readonly #places = new Map<string, Place>();
  #scrapes = 0;
  #traces = 0;
  #recentTraces = 0;

  /** A trace is next. */
  beginTrace(): void {
    this.#traces += 1;
  }

  /** Counts a visit; `surprise` is -log10 of the share of longer times, NaN where none is known. */
  add(name: string, service: string, surprise: number): void {
    let place = this.#places.get(name);
    if (place === undefined) {
      if (this.#places.size >= placesMax) return;
      place = createPlace(service, this.#scrapes < settledScrapes);
      this.#places.set(name, place);
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

  /** Ends a scrape of so many traces; `restarted` are pods. */
  close(traces: number, restarted: ReadonlySet<string>): void {
    this.#scrapes += 1;
    this.#recentTraces = recentKept * this.#recentTraces + traces;
    for (const [name, place] of this.#places) {
      place.recentVisits = recentKept * place.recentVisits + place.visits;
      place.age = restarted.has(name) ? 0 : place.age + 1;
      place.idle = place.visits > 0 ? 0 : place.idle + 1;
      place.visits = 0;
      if (place.idle > forgottenAfter) this.#places.delete(name);
    }
  }

  /** The places that have just come up, with how rare a request through them is, -log10. */
  fresh(): Map<string, number> {
    const rarities = new Map<string, number>();
    for (const [name, { age, recentVisits }] of this.#places) {
      if (age <= freshScrapes) rarities.set(name, this.#rarity(recentVisits));
    }
    return rarities;
  }

  /** The same of places that have become slower, and of those of suspect services. */
  suspect(suspects: ReadonlySet<string>): Map<string, number> {
    const rarities = new Map<string, number>();
    const visitsOf = new Map<string, number>();
    for (const { service, recentVisits } of this.#places.values()) {
      if (suspects.has(service)) visitsOf.set(service, (visitsOf.get(service) ?? 0) + recentVisits);
    }
    for (const [name, place] of this.#places) {
      const ofService = visitsOf.get(place.service);
      const isOwn = hasMoved(place);
      if (!isOwn && ofService === undefined) continue;
      rarities.set(name, this.#rarity(isOwn ? place.recentVisits : (ofService as number)));
    }
    return rarities;
  }

  #rarity(recentVisits: number): number {
    return Math.max(0, -Math.log10((recentVisits + 0.5) / (this.#recentTraces + 1)));
  }
}

function createPlace(service: string, isOld: boolean): Place {
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

function learnSurprise(place: Place, surprise: number): void {
  place.times += 1;
  place.mean += meanWeight * (surprise - place.mean);
  const rate = 1 / Math.min(Math.max(firstVisits, place.times), usualVisits);
  place.usual += (hasMoved(place) ? 0.1 : 1) * rate * (surprise - place.usual);
}

function hasMoved({ mean, usual, times }: Place): boolean {
  return times >= firstVisits && mean - usual > movedFrom * meanDeviation;
}
