import { componentName } from '../../core/observable/index.ts';
import type { FaultEffect } from './effect.ts';

/** Cuts a zone off from every other zone and from users; traffic inside it goes on. */
export const networkPartition: FaultEffect<{ zone: string }> = {
  async begin(fault, { conditions }) {
    const zone = componentName(fault.target);
    conditions.isolatedZones.add(zone);
    return { zone };
  },
  async end(_fault, { zone }, { conditions, others }) {
    if (!others.some((other) => other.zone === zone)) conditions.isolatedZones.delete(zone);
  },
};
