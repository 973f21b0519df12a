import { PlaceWatch } from './place-watch.ts';

/** The rate of a shape that was never met. */
const shapePrior = 0.001;
const kindsMax = 256;
const shapesMax = 256;

/** What was seen of one kind of request in this scrape: traces, and traces of each known shape. */
interface Kind {
  traces: number;
  readonly shapes: Map<string, number>;
}

/** Watches which shapes of each kind of request have become more frequent. */
export class ShapeWatch {
  readonly #watch = new PlaceWatch({ prior: shapePrior });
  readonly #kinds = new Map<string, Kind>();

  /** Counts a trace; the name of its shape. */
  meet(kindName: string, hash: number): string {
    const name = `${kindName} ${hash}`;
    let kind = this.#kinds.get(kindName);
    if (kind === undefined) {
      if (this.#kinds.size >= kindsMax) return name;
      kind = { traces: 0, shapes: new Map() };
      this.#kinds.set(kindName, kind);
    }
    kind.traces += 1;
    const count = kind.shapes.get(name);
    if (count !== undefined || kind.shapes.size < shapesMax)
      kind.shapes.set(name, (count ?? 0) + 1);
    return name;
  }

  lift(shape: string): number {
    return this.#watch.lift(shape);
  }

  recentFinds(shape: string): number {
    return this.#watch.recentFinds(shape);
  }

  close(): void {
    for (const kind of this.#kinds.values()) {
      for (const [shape, count] of kind.shapes) {
        this.#watch.add(shape, kind.traces, count);
        kind.shapes.set(shape, 0);
      }
      kind.traces = 0;
    }
    this.#watch.close();
    for (const { shapes } of this.#kinds.values()) {
      for (const shape of shapes.keys()) if (!this.#watch.knows(shape)) shapes.delete(shape);
    }
  }
}
