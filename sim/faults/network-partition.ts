import { componentName } from '../../core/observable/index.ts';
import type { FaultEffect } from './effect.ts';

/** Cuts a zone off from every other zone and from users; traffic inside it goes on. */
export const networkPartition: FaultEffect<{ added: boolean }> = {
  async begin(fault, { conditions }) {
    const zone = componentName(fault.target);
    const added = !conditions.isolatedZones.has(zone);
    conditions.isolatedZones.add(zone);
    return { added };
  },
  async end(fault, { added }, { conditions }) {
    if (added) conditions.isolatedZones.delete(componentName(fault.target));
  },
};
