import type { TwinSpec } from '../../core/truth/index.ts';
import { cacheDetours } from '../impairments/cache-detours.ts';

/** Services that have a cache's figures, in the order of the spec. */
export function cachesOf(spec: TwinSpec): string[] {
  return spec.services
    .map(({ name }) => name)
    .filter((name) => cacheDetours(spec, name).length > 0);
}

/** Services that are handed work which nobody waits for, and pass it on to somebody outside. */
export function consumersOf({ services }: TwinSpec): string[] {
  const callsTo = (name: string) =>
    services.flatMap(({ operations }) =>
      operations.flatMap(({ calls }) => calls.filter(({ service }) => service === name)),
    );
  return services
    .filter(({ name, operations }) => {
      const calls = callsTo(name);
      const isOutward = operations.every(({ category }) => category === 'external');
      return isOutward && calls.length > 0 && calls.every(({ optional }) => optional);
    })
    .map(({ name }) => name);
}
