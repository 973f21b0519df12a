import { poissonSurprise } from '../tails/poisson-surprise.ts';
import { type Place, PlaceBook } from './place-book.ts';
import { fade } from './recent-traces.ts';

/**
 * What is usual of a place is learnt at this rate per scrape, and a tenth of it under suspicion.
 */
const usualRate = 0.01;
/** Scrapes with visits before a place can be suspect. */
const scrapesMin = 8;
/** And before its suspicion slows what is learnt of it. */
const learntAfter = 40;
/** Suspicion from which a place is suspect, -log10 p. */
const suspectFrom = 5;
/** Expected findings are at least this; a place's rate is not known any better. */
const leastExpected = 0.05;

/** How often something was found at a place: just now, lately and usually. */
interface FoundAt extends Place {
  finds: number;
  recentFinds: number;
  /** Share of visits with a find, and how many scrapes it was learnt from. */
  usual: number;
  scrapes: number;
  /** log10 of how many times more often than usual; 0 where that may be chance. */
  lift: number;
}

/**
 * Watches how often something unusual (a slow span, a failure, a shape) is found at each of many
 * places, and tells those where it has become more frequent: more finds over the last four or so
 * scrapes than a Poisson count with the place's usual rate explains. A place's first scrapes pass
 * for usual where nobody knows better: give `prior`, the rate of a place that is not known.
 */
export class PlaceWatch {
  readonly #prior: number;
  readonly #places = new PlaceBook<FoundAt>();

  constructor({ prior }: { readonly prior: number }) {
    this.#prior = prior;
  }

  /** Counts visits to a place and those of them with a find. */
  add(name: string, visits: number, finds: number): void {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = createPlace(this.#prior);
      if (!this.#places.enter(name, place)) return;
    }
    place.visits += visits;
    place.finds += finds;
  }

  /** log10 of how many times more finds than usual there are; 0 where that may be chance. */
  lift(name: string): number {
    return this.#places.get(name)?.lift ?? 0;
  }

  /** Whether a place was met in the last hour of scrapes. */
  knows(name: string): boolean {
    return this.#places.get(name) !== undefined;
  }

  /** Finds at a place over the last four or so scrapes, older ones counting less. */
  recentFinds(name: string): number {
    return this.#places.get(name)?.recentFinds ?? 0;
  }

  /**
   * Ends a scrape: judges all places by what was seen of them lately, then learns what is usual.
   */
  close(): void {
    this.#places.close((place) => {
      judge(place);
      learn(place, this.#prior);
    });
  }
}

function createPlace(prior: number): FoundAt {
  return {
    visits: 0,
    finds: 0,
    recentVisits: 0,
    recentFinds: 0,
    usual: prior,
    scrapes: 0,
    idle: 0,
    lift: 0,
  };
}

function judge(place: FoundAt): void {
  place.recentFinds = fade(place.recentFinds, place.finds);
  const expected = Math.max(leastExpected, place.usual * place.recentVisits);
  const { recentFinds } = place;
  const surprise = recentFinds > expected ? poissonSurprise(recentFinds, expected) : 0;
  const isKnown = place.scrapes >= scrapesMin;
  place.lift = isKnown && surprise >= suspectFrom ? Math.log10(recentFinds / expected) : 0;
}

/** A place's rate starts at the prior, which counts as much as one scrape of its own. */
function learn(place: FoundAt, prior: number): void {
  if (place.visits > 0) {
    place.scrapes += 1;
    const found = (place.finds + prior) / (place.visits + 1);
    const isSlowed = place.lift > 0 && place.scrapes > learntAfter;
    const rate = Math.max(usualRate, 1 / (place.scrapes + 1)) * (isSlowed ? 0.1 : 1);
    place.usual += rate * (found - place.usual);
  }
  place.finds = 0;
}
