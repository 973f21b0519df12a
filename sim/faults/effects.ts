import type { FaultKind } from '../../core/truth/index.ts';
import type { FaultEffect } from './effect.ts';
import { loadFactor } from './load-factor.ts';
import { networkDelay } from './network-delay.ts';
import { networkPartition } from './network-partition.ts';
import { nodePowerLoss } from './node-power-loss.ts';
import { release } from './release.ts';

/** Every effect kind; a new one is one file and one line here. */
export const effects: Readonly<Record<FaultKind, FaultEffect>> = {
  load_factor: loadFactor,
  network_delay: networkDelay,
  network_partition: networkPartition,
  node_power_loss: nodePowerLoss,
  release: release,
};
