import type { TwinSpec } from '../../core/truth/index.ts';
import type { Scope } from './impairment.ts';

/**
 * What callers of a cache turn to when it misses: the store that they ask for a share of requests
 * after it, in the same operation.
 */
export function cacheDetours({ services }: TwinSpec, cache: string): Scope[] {
  const stores = new Set(services.filter(({ kind }) => kind === 'datastore').map((s) => s.name));
  const found = new Map<string, Scope>();
  for (const { name: from, operations } of services) {
    for (const { calls } of operations) {
      const asked = calls.findIndex(({ service }) => service === cache);
      if (asked < 0) continue;
      for (const { service: to, operation, count } of calls.slice(asked + 1)) {
        if (!stores.has(to) || count >= 1) continue;
        found.set(`${from} ${to} ${operation}`, { kind: 'calls', from, to, operation });
      }
    }
  }
  return [...found.values()];
}
