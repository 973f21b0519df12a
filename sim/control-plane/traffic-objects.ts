/** How to read objects of the traffic vocabularies, whose specs are free-form here. */
import { isRecord } from './plain.ts';

/** What stands at a path inside a value; undefined where it breaks off. */
export function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((item, key) => (isRecord(item) ? item[key] : undefined), value);
}

/** A policy hangs on routes; a service's route carries the service's name here. */
const routeKinds = new Set(['HTTPRoute', 'GRPCRoute']);

/** The services whose routes a policy names. */
export function targetsOf({ targetRefs, targetRef }: Record<string, unknown>): string[] {
  const references = Array.isArray(targetRefs) ? targetRefs : [targetRef];
  return references.flatMap((reference) =>
    isRecord(reference) &&
    routeKinds.has(String(reference.kind)) &&
    typeof reference.name === 'string'
      ? [reference.name]
      : [],
  );
}
