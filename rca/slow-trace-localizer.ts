import type { FaultClass, Localizer } from '../core/observable/index.ts';
import { ramp } from './ramp.ts';
import { rankSuspects } from './ranking.ts';
import { actionsForService } from './runbook.ts';
import { blameByTraces } from './trace-blame.ts';
import { windowsOf } from './windows.ts';

/**
 * Ranks services by their share of the extra time that recent traces take over baseline traces.
 * Silent unless traces grew by a seventh; fails without baseline spans and for faults that answer
 * fast. Cost: O(spans).
 */
export const slowTraces: Localizer = {
  name: 'slow_traces',
  rank(evidence) {
    const blame = blameByTraces(evidence.spans, windowsOf(evidence));
    const growth = ramp(blame.totalExcessMs / Math.max(blame.baselineMs, 1), 0.15, 0.8);
    if (!(growth > 0)) return [];
    const suspects = [...blame.services].map(([service, { ownExcessMs, networkExcessMs }]) => {
      const excessMs = Math.max(0, ownExcessMs) + Math.max(0, networkExcessMs);
      const isPath = networkExcessMs > ownExcessMs;
      const faultClass: FaultClass = isPath ? 'network_latency' : 'dependency_failure';
      return {
        component: `service/${service}`,
        weight: (growth * excessMs) / blame.totalExcessMs,
        faultClass,
        why: `${Math.round(excessMs)} of ${Math.round(blame.totalExcessMs)} ms more per trace`,
        suggestedActions: actionsForService(evidence.topology, service, faultClass, false),
      };
    });
    return rankSuspects(suspects, 0.05);
  },
};
