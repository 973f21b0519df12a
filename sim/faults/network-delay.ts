import { componentName } from '../../core/observable/index.ts';
import type { FaultEffect } from './effect.ts';

/**
 * Delays the answers of the pods a service has now. Pods that replace them are not affected: like
 * Chaos Mesh, the targets are chosen once.
 */
export const networkDelay: FaultEffect<{ pods: readonly string[]; delayMs: number }> = {
  async begin(fault, { conditions, view }) {
    const service = componentName(fault.target);
    const delayMs = Number(fault.parameters.delayMs);
    const pods = view.pods.filter((pod) => pod.service === service).map((pod) => pod.uid);
    for (const uid of pods) {
      conditions.podDelayMs.set(uid, (conditions.podDelayMs.get(uid) ?? 0) + delayMs);
    }
    return { pods, delayMs };
  },
  async end(_fault, { pods }, { conditions, others }) {
    for (const uid of pods) {
      // Summed anew: taking a number away from a sum leaves rounding behind.
      const holders = others.filter((other) => other.pods.includes(uid));
      const delayMs = holders.reduce((sum, other) => sum + other.delayMs, 0);
      if (holders.length > 0) conditions.podDelayMs.set(uid, delayMs);
      else conditions.podDelayMs.delete(uid);
    }
  },
};
