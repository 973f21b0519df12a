import type { Localizer } from '../core/observable/index.ts';
import { formatDuration } from '../core/tools/index.ts';
import { rankSuspects } from './ranking.ts';
import { findRecentChanges } from './recent-changes.ts';
import { actionsForService } from './runbook.ts';
import { findServiceSymptoms } from './service-symptoms.ts';
import { ShiftReader } from './shifts.ts';
import { windowsOf } from './windows.ts';

/**
 * Suspects what changed: releases and configuration changes before the incident, by e^(−age/15
 * min), at full weight only when the changed service is itself abnormal. Fails whenever nothing
 * was changed by hand, and is fooled by innocent deploys to affected services. After Gandalf
 * (NSDI 2020).
 */
export const changeCorrelation: Localizer = {
  name: 'change_correlation',
  rank(evidence) {
    const shifts = new ShiftReader(evidence.metrics, windowsOf(evidence));
    const symptoms = findServiceSymptoms(evidence.topology, shifts);
    const suspects = findRecentChanges(evidence).map(({ service, change, ageMs, proximity }) => {
      const isAbnormal = symptoms.some((entry) => entry.service === service && entry.isAbnormal);
      return {
        component: `service/${service}`,
        weight: proximity * (isAbnormal ? 0.9 : 0.3),
        faultClass: 'bad_release' as const,
        why: `${change.summary}, ${formatDuration(Math.max(0, ageMs))} before; ${
          isAbnormal ? 'the service is abnormal' : 'the service itself looks well'
        }`,
        suggestedActions: actionsForService(evidence.topology, service, 'bad_release', true),
      };
    });
    return rankSuspects(suspects, 0.05);
  },
};
