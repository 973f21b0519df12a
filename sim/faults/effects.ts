import type { FaultKind } from '../../core/truth/index.ts';
import { batchTraffic } from './batch-traffic.ts';
import { componentDown } from './component-down.ts';
import type { FaultEffect } from './effect.ts';
import { impairment } from './impairment.ts';
import { loadFactor } from './load-factor.ts';
import { networkDelay } from './network-delay.ts';
import { networkPartition } from './network-partition.ts';
import { nodeDrain } from './node-drain.ts';
import { nodePowerLoss } from './node-power-loss.ts';
import { objectEdit } from './object-edit.ts';
import { podKill } from './pod-kill.ts';
import { release } from './release.ts';
import { telemetryImpairment } from './telemetry-impairment.ts';

/** Every effect kind; several are one effect whose parameters say what it does. */
export const effects: Readonly<Record<FaultKind, FaultEffect>> = {
  batch_traffic: batchTraffic,
  load_factor: loadFactor,
  network_delay: networkDelay,
  network_partition: networkPartition,
  node_power_loss: nodePowerLoss,
  object_edit: objectEdit,
  release: release,
  slow_work: impairment,
  failing_work: impairment,
  pod_pressure: impairment,
  node_pressure: impairment,
  network_impairment: impairment,
  call_failure: impairment,
  cache_misses: impairment,
  hostile_traffic: impairment,
  retry_policy: impairment,
  clock_offset: impairment,
  consumer_lag: impairment,
  component_down: componentDown,
  pod_kill: podKill,
  node_drain: nodeDrain,
  telemetry_impairment: telemetryImpairment,
};
