import type { Localizer, Suspect } from '../core/observable/index.ts';
import { componentKind, zonesOf } from '../core/observable/index.ts';
import { createStream, hashText } from '../core/tools/index.ts';
import { rankSuspects } from './ranking.ts';
import { ShiftReader } from './shifts.ts';
import { windowsOf } from './windows.ts';

const zScoreMin = 4;
const halfScore = 20;

/**
 * Baseline: the service with the highest z-score over its own signals, without any graph. What a
 * suite must not be solved by. Cost: O(columns).
 */
export const loudestService: Localizer = {
  name: 'loudest_service',
  rank(evidence) {
    const { metrics } = evidence;
    const shifts = new ShiftReader(metrics, windowsOf(evidence));
    const suspects: Suspect[] = [];
    for (const { name } of evidence.topology.services) {
      const component = `service/${name}`;
      let loudest = 0;
      for (const column of metrics.columns({ component })) {
        const zScore = Math.abs(shifts.ofColumn(column)?.zScore ?? 0);
        if (zScore > loudest) loudest = zScore;
      }
      if (loudest < zScoreMin) continue;
      suspects.push({
        component,
        weight: loudest / (loudest + halfScore),
        faultClass: 'unknown',
        why: `strongest z-score ${loudest.toFixed(1)}`,
        suggestedActions: [],
      });
    }
    return rankSuspects(suspects, 0);
  },
};

/**
 * Baseline: a guess among the services and zones, keyed by the incident's id and instant, hence
 * repeatable; the
 * chance level of every score. Silent when the incident holds no anomaly.
 */
export const random: Localizer = {
  name: 'random',
  rank({ incident, topology }) {
    if (incident.anomalies.length === 0) return [];
    const candidates = [
      ...topology.services.map(({ name }) => `service/${name}`),
      ...zonesOf(topology).map((zone) => `zone/${zone}`),
    ];
    const shuffled = createStream(
      hashText(`${incident.id} at ${incident.openedAtMs}`),
      'guess',
    ).shuffle(candidates);
    const suspects = shuffled.map((component, i) => ({
      component,
      weight: 1 / (i + 1),
      faultClass:
        componentKind(component) === 'zone' ? ('zone_outage' as const) : ('unknown' as const),
      why: 'a guess',
      suggestedActions: [],
    }));
    return rankSuspects(suspects, 0);
  },
};
