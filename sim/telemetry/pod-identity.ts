import type { Resource } from '../../core/observable/index.ts';
import { createDrawKey, hashText, uniformAt } from '../../core/tools/index.ts';
import type { PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';

/** What telemetry says of where it comes from, and what never changes about that place. */
export interface PodIdentity {
  readonly resource: Resource;
  /** `workload/ordinal`: addresses the pod's draws, whatever its name came out as. */
  readonly drawName: string;
  readonly entity: number;
  readonly ipAddress: string;
  /** How far the node's clock lags, 0 to 20 ms. */
  readonly clockLagMs: number;
}

/** Identities by pod view; a pure function of seed and view, hence shared between forks. */
export class PodIdentities {
  readonly #skewKey: number;
  readonly #known = new WeakMap<PodView, PodIdentity>();

  constructor(seed: number) {
    this.#skewKey = createDrawKey(seed, 'telemetry/clock');
  }

  of(pod: PodView): PodIdentity {
    const known = this.#known.get(pod);
    if (known) return known;
    const drawName = `${pod.namespace}/${pod.workload}/${pod.ordinal}`;
    const entity = hashText(drawName);
    const identity: PodIdentity = {
      resource: {
        service: pod.service,
        pod: pod.name,
        node: pod.node,
        zone: pod.zone,
        region: pod.region,
        release: pod.release,
      },
      drawName,
      entity,
      ipAddress: addressOf(pod.node, entity),
      clockLagMs: this.lagOf(pod.node),
    };
    this.#known.set(pod, identity);
    return identity;
  }

  /** How far a node's clock lags, 0 to 20 ms, in whole microseconds. */
  lagOf(node: string): number {
    return Math.round(20_000 * uniformAt(this.#skewKey, hashText(node), 0)) / 1000;
  }
}

/** Node-local pod networks of 254 addresses each, as a CNI hands them out. */
function addressOf(node: string, entity: number): string {
  return `10.244.${hashText(node) % 250}.${2 + (entity % 250)}`;
}

/** Whether scraper and log shipper, which live outside every zone, get anything from the pod. */
export function isCollectable(
  pod: PodView,
  { unpoweredNodes, isolatedZones }: Conditions,
): boolean {
  if (!pod.running) return false;
  if (unpoweredNodes.size + isolatedZones.size === 0) return true;
  return !unpoweredNodes.has(pod.node) && !isolatedZones.has(pod.zone);
}
