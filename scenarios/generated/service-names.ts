import type { Stream } from '../../core/tools/index.ts';
import type { Role } from './service-graph.ts';

const domains =
  'account address advert basket billing brand campaign cart catalog checkout comment coupon courier credit customer delivery device discount feed gift identity image inventory invoice item loyalty merchant message notice order partner payment points price profile promotion quota rating refund returns review risk search seller session shipment sku stock store subscription supplier tariff tax trade voucher wallet warehouse wishlist'.split(
    ' ',
  );

const suffixes: Readonly<Record<Role | 'store', readonly string[]>> = {
  entry: ['api', 'web', 'mobile', 'open'],
  middle: ['core', 'manager', 'flow', 'center', 'engine', 'query', 'rules'],
  leaf: ['calc', 'lookup', 'config', 'format', 'check'],
  store: ['redis', 'mysql', 'mongodb', 'memcached'],
};

/** Draws unique names such as `coupon-engine`, with a number from the second one on. */
export class ServiceNames {
  readonly #stream: Stream;
  readonly #used = new Map<string, number>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  next(kind: Role | 'store'): string {
    const endings = suffixes[kind];
    const domain = domains[this.#stream.integer(domains.length)];
    const name = `${domain}-${endings[this.#stream.integer(endings.length)]}`;
    const count = (this.#used.get(name) ?? 0) + 1;
    this.#used.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }
}
