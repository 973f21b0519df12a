import type { RunRecord, Scorecard } from '../../core/truth/index.ts';
import type { JudgedIncidents } from './run-facts.ts';
import { scoreDetection } from './score-detection.ts';
import { judgedAtMs } from './score-diagnosis.ts';

/** Scores the trivial detectors and localizers by the rules that the stack is scored by. */
export function scoreBaselines(
  record: RunRecord,
  incidents: JudgedIncidents,
): Scorecard['baselines'] {
  return {
    detection: [...record.baselines.detectors, ...blindDetectors(record)].map(
      ({ detector, opened }) => {
        const { truePositives, falsePositives, recall, timeToDetectMs, falseIncidentsPerDay } =
          scoreDetection(record, opened);
        return {
          detector,
          truePositives,
          falsePositives,
          recall,
          timeToDetectMs,
          falseIncidentsPerDay,
        };
      },
    ),
    diagnosis: [...new Set(record.baselines.ranked.map((entry) => entry.localizer))].map(
      (localizer) => scoreRanking(record, incidents, localizer),
    ),
  };
}

/** How often one that always alarms files a new incident. */
const alwaysEveryMs = 300_000;

/** Two that never look: the one alarms all the time, the other never. */
function blindDetectors({ durationMs }: RunRecord): RunRecord['baselines']['detectors'] {
  const always = Array.from({ length: Math.floor(durationMs / alwaysEveryMs) }, (_, i) => ({
    id: `always-${i + 1}`,
    openedAtMs: (i + 1) * alwaysEveryMs,
    component: 'service/any' as const,
  }));
  return [
    { detector: 'always_on', opened: always },
    { detector: 'constant', opened: [] },
  ];
}

function scoreRanking(
  record: RunRecord,
  incidents: JudgedIncidents,
  localizer: string,
): Scorecard['baselines']['diagnosis'][number] {
  if (record.truth.onsetMs === null) return { localizer, top1: null, top3: null, rank: null };
  const found = incidents.find((incident) => incident.verdict === 'true_positive');
  const ranking = record.baselines.ranked.findLast(
    (entry) =>
      entry.localizer === localizer &&
      entry.incidentId === found?.id &&
      entry.atMs <= judgedAtMs(record, found.openedAtMs),
  );
  const accepted = new Set(record.truth.rootCauses);
  const index = ranking?.components.findIndex((component) => accepted.has(component)) ?? -1;
  const rank = index < 0 ? null : index + 1;
  return { localizer, top1: rank === 1, top3: rank !== null && rank <= 3, rank };
}
