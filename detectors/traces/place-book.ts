import { fade } from './recent-traces.ts';

/** Places not met for so many scrapes are forgotten, and at most so many known. */
const forgottenAfter = 240;
const placesMax = 16_384;

/** What is written down of any place that requests go through. */
export interface Place {
  /** Visits of this scrape, and of the last four or so. */
  visits: number;
  recentVisits: number;
  /** Scrapes since it was last met. */
  idle: number;
}

/** Keeps the places that requests go through, each from its first visit until nobody comes. */
export class PlaceBook<Known extends Place> {
  readonly #places = new Map<string, Known>();

  get(name: string): Known | undefined {
    return this.#places.get(name);
  }

  /** Writes down a new place; false if the book is full. */
  enter(name: string, place: Known): boolean {
    if (this.#places.size >= placesMax) return false;
    this.#places.set(name, place);
    return true;
  }

  entries(): MapIterator<[string, Known]> {
    return this.#places.entries();
  }

  /** Ends a scrape; `settle` gets each place with its visits, before they are struck out. */
  close(settle: (place: Known, name: string) => void): void {
    for (const [name, place] of this.#places) {
      place.recentVisits = fade(place.recentVisits, place.visits);
      settle(place, name);
      place.idle = place.visits > 0 ? 0 : place.idle + 1;
      place.visits = 0;
      if (place.idle > forgottenAfter) this.#places.delete(name);
    }
  }
}
