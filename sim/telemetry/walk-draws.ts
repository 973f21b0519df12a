import { uniformAt } from '../../core/tools/index.ts';

/** Draws of a second sequence are addressed from here; no request makes as many of the first. */
const secondSequence = 0x4000_0000;

/** The draws of one request after another, addressed by (key, request, ordinal). */
export class WalkDraws {
  readonly #key: number;
  readonly #isPaired: boolean;
  #request = 0;
  #drawn = 0;
  #drawnExtra = 0;

  constructor(key: number, options: { readonly isPaired: boolean }) {
    this.#key = key;
    this.#isPaired = options.isPaired;
  }

  /** The request that draws now. */
  get request(): number {
    return this.#request;
  }

  begin(request: number): void {
    this.#request = request;
    this.#drawn = 0;
    this.#drawnExtra = 0;
  }

  readonly next = (): number => {
    this.#drawn += 1;
    return uniformAt(this.#key, this.#request, this.#drawn);
  };

  /**
   * A draw that is only made where something is wrong. Paired walks take it from a sequence of its
   * own, so that a request which is spared fares in every respect as it does where all is well.
   */
  readonly nextExtra = (): number => {
    if (!this.#isPaired) return this.next();
    this.#drawnExtra += 1;
    return uniformAt(this.#key, this.#request, secondSequence + this.#drawnExtra);
  };
}
