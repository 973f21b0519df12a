import { componentName } from '../../core/observable/index.ts';
import type { Fault } from '../../core/truth/index.ts';
import type { PodView } from '../cluster-view.ts';
import type { EffectContext, FaultEffect } from './effect.ts';

/** The hand that deletes pods for benign reasons, too. */
const person = { fieldManager: 'kubectl' };

/** The next time it strikes; null when it strikes once. */
interface KillNote {
  nextMs: number | null;
}

/**
 * Deletes pods of a service (`mode: pod`, without grace) or kills their processes (`mode:
 * container`), the oldest first: a `count` of them, or a `share` of those there are, at least one;
 * with an `interval`, again and again. What is gone stays gone: its end only stops it.
 */
export const podKill: FaultEffect<KillNote> = {
  async begin(fault, context) {
    await strike(fault, context);
    const intervalMs = Number(fault.parameters.intervalMs ?? 0);
    return { nextMs: intervalMs > 0 ? context.nowMs + intervalMs : null };
  },
  async goOn(fault, note, context) {
    if (note.nextMs === null || context.nowMs < note.nextMs) return;
    note.nextMs += Number(fault.parameters.intervalMs);
    await strike(fault, context);
  },
  async end() {
    // Controllers make up for what was killed.
  },
};

async function strike(fault: Fault, { cluster, conditions, view }: EffectContext): Promise<void> {
  for (const pod of victims(fault, view.pods)) {
    if (fault.parameters.mode === 'container') {
      conditions.doomedProcesses.add(pod.uid);
      continue;
    }
    const ref = { kind: 'Pod', namespace: pod.namespace, name: pod.name } as const;
    await cluster.remove(ref, { ...person, gracePeriodSeconds: 0 });
  }
}

/** Pods that serve come first: killing one that is down already changes nothing. */
function victims({ target, parameters }: Fault, pods: readonly PodView[]): readonly PodView[] {
  const service = componentName(target);
  const running = pods.filter((pod) => pod.service === service && pod.running);
  const serving = running.filter((pod) => pod.inEndpoints);
  const share = Number(parameters.share ?? 0);
  const count = Math.max(Number(parameters.count ?? 0), Math.ceil(share * running.length), 1);
  return [...serving, ...running.filter((pod) => !pod.inEndpoints)].slice(0, count);
}
