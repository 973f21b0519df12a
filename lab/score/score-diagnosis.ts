import type { Diagnosis } from '../../core/observable/index.ts';
import type { RunRecord, Scorecard } from '../../core/truth/index.ts';
import { type JudgedIncidents, playedActions } from './run-facts.ts';

/**
 * A diagnosis is judged as it stood this long after detection, or when the healer first acted on
 * it.
 */
const judgedAfterMs = 60_000;

/** Scores the diagnosis of the incident that found the fault; undetected counts as wrong. */
export function scoreDiagnosis(
  record: RunRecord,
  incidents: JudgedIncidents,
): Scorecard['diagnosis'] {
  const { rootCauses, faultClass, onsetMs } = record.truth;
  const found = incidents.find((incident) => incident.verdict === 'true_positive') ?? incidents[0];
  const diagnosis = found ? judgedDiagnosis(record, found) : null;
  const suspects = (diagnosis?.suspects ?? []).map(({ component, weight, why }) => ({
    component,
    weight,
    why,
  }));
  if (onsetMs === null || record.truth.silent) {
    return {
      top1: null,
      top3: null,
      rank: null,
      faultClassCorrect: null,
      timeToDiagnoseMs: null,
      suspects,
    };
  }
  const accepted = new Set(rootCauses);
  const index =
    found?.verdict === 'true_positive' ? suspects.findIndex((s) => accepted.has(s.component)) : -1;
  const rank = index < 0 ? null : index + 1;
  return {
    top1: rank === 1,
    top3: rank !== null && rank <= 3,
    rank,
    faultClassCorrect: rank !== null && diagnosis?.suspects[rank - 1]?.faultClass === faultClass,
    timeToDiagnoseMs:
      rank === null || !diagnosis ? null : firstNamedAtMs(record, diagnosis, accepted) - onsetMs,
    suspects,
  };
}

/** Until when a diagnosis of an incident counts. */
export function judgedAtMs(record: RunRecord, openedAtMs: number): number {
  const firstActionMs = playedActions(record).find((outcome) => outcome.atMs >= openedAtMs)?.atMs;
  return Math.min(openedAtMs + judgedAfterMs, firstActionMs ?? Number.POSITIVE_INFINITY);
}

function judgedDiagnosis(
  record: RunRecord,
  { id, openedAtMs }: JudgedIncidents[number],
): Diagnosis | null {
  const untilMs = judgedAtMs(record, openedAtMs);
  return (
    diagnosesOf(record, id)
      .filter((diagnosis) => diagnosis.atMs <= untilMs)
      .at(-1) ?? null
  );
}

/**
 * When the incident's diagnosis first put an accepted cause on top, or this one's time if it never
 * did.
 */
function firstNamedAtMs(
  record: RunRecord,
  judged: Diagnosis,
  accepted: ReadonlySet<string>,
): number {
  const first = diagnosesOf(record, judged.incidentId).find((diagnosis) =>
    accepted.has(diagnosis.suspects[0]?.component ?? ''),
  );
  return Math.min(first?.atMs ?? judged.atMs, judged.atMs);
}

function diagnosesOf(record: RunRecord, incidentId: string): Diagnosis[] {
  return record.events.flatMap((event) =>
    event.type === 'diagnosed' && event.diagnosis.incidentId === incidentId
      ? [event.diagnosis]
      : [],
  );
}
