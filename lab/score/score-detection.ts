import { type Incident, scrapeIntervalMs } from '../../core/observable/index.ts';
import type {
  IncidentVerdict,
  OperatingPoint,
  RunRecord,
  Scorecard,
} from '../../core/truth/index.ts';
import { brokeAtMs, effectiveActions, type JudgedIncidents, recoveredAtMs } from './run-facts.ts';

/** An incident may still be filed this long after recovery. */
const graceMs = 60_000;
/** How long after one of our own actions a false incident counts as caused by it. */
const ownActionMs = 300_000;
const hourMs = 3_600_000;

/**
 * Detection scored as events: the first incident from injection (or a scrape before onset) until a
 * minute after recovery is right, later ones in that window are duplicates, all others are false.
 */
export function scoreDetection(
  record: RunRecord,
  opened: readonly OpenedIncident[] = openedIncidents(record),
): Scorecard['detection'] {
  const incidents = judgeIncidents(record, opened);
  const count = (verdict: IncidentVerdict): number =>
    incidents.filter((incident) => incident.verdict === verdict).length;
  const { onsetMs, silent } = record.truth;
  const isScored = onsetMs !== null && !silent;
  const truePositives = count('true_positive');
  const selfInflicted = count('self_inflicted');
  const falsePositives = count('false') + selfInflicted;
  const falseNegatives = isScored && truePositives === 0 ? 1 : 0;
  const precision =
    truePositives + falsePositives > 0 ? truePositives / (truePositives + falsePositives) : null;
  const recall = isScored ? truePositives : null;
  const first = incidents.find((incident) => incident.verdict === 'true_positive');
  const delayMs = first && onsetMs !== null ? first.openedAtMs - onsetMs : null;
  const healthyHours = healthyMs(record) / hourMs;
  const falseWhileHealthy = incidents.filter(
    ({ openedAtMs }) => openedAtMs < healthyMs(record),
  ).length;
  return {
    truePositives,
    falsePositives,
    falseNegatives,
    duplicates: count('duplicate'),
    selfInflicted,
    precision,
    recall,
    f1: isScored
      ? (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives)
      : null,
    timeToDetectMs: delayMs === null ? null : Math.max(0, delayMs),
    leadTimeMs: delayMs !== null && delayMs < 0 ? -delayMs : null,
    healthyHours,
    falseIncidentsPerDay: healthyHours > 0 ? (falseWhileHealthy * 24) / healthyHours : null,
    incidents,
    ...(record.options.healer === 'none' && { operatingPoints: operatingPoints(record) }),
  };
}

/** What each alarm level would have given; only for runs in which nobody acted on one of them. */
function operatingPoints(record: RunRecord): OperatingPoint[] {
  const window = faultWindow(record);
  const { onsetMs } = record.truth;
  const healthyUntilMs = healthyMs(record);
  return record.alarmLevels.map(({ level, openedAtMs }) => {
    const hitMs = openedAtMs.find(
      (atMs) => window !== null && atMs >= window.fromMs && atMs <= window.untilMs,
    );
    return {
      threshold: level,
      truePositive: window === null ? null : hitMs === undefined ? 0 : 1,
      falseIncidents: openedAtMs.filter((atMs) => atMs < healthyUntilMs).length,
      healthyHours: healthyUntilMs / hourMs,
      delayMs: hitMs === undefined || onsetMs === null ? null : Math.max(0, hitMs - onsetMs),
    };
  });
}

/** What is judged of an incident: when it was opened, and about what. */
type OpenedIncident = Pick<Incident, 'id' | 'openedAtMs' | 'component'>;

function judgeIncidents(record: RunRecord, opened: readonly OpenedIncident[]): JudgedIncidents {
  const window = faultWindow(record);
  const actedAtMs = effectiveActions(record).map((outcome) => outcome.atMs);
  let found = false;
  return opened.map(({ id, openedAtMs, component }) => {
    if (window && openedAtMs >= window.fromMs && openedAtMs <= window.untilMs) {
      const verdict: IncidentVerdict = found ? 'duplicate' : 'true_positive';
      found = true;
      return { id, openedAtMs, component, verdict };
    }
    const isOwn = actedAtMs.some((atMs) => atMs < openedAtMs && openedAtMs - atMs <= ownActionMs);
    return { id, openedAtMs, component, verdict: isOwn ? 'self_inflicted' : 'false' };
  });
}

/** When an incident about the fault may be opened; null when users never felt one. */
function faultWindow(record: RunRecord): { fromMs: number; untilMs: number } | null {
  const { onsetMs, injectedAtMs } = record.truth;
  if (onsetMs === null || injectedAtMs === null) return null;
  const endMs =
    brokeAtMs(record) === null ? record.truth.unhealedRecoveryMs : recoveredAtMs(record);
  return {
    fromMs: Math.min(injectedAtMs, onsetMs - scrapeIntervalMs),
    untilMs: (endMs ?? record.durationMs) + graceMs,
  };
}

/**
 * Time in which any incident is false: all of a healthy run, and what lies before the injection.
 */
function healthyMs({ truth, durationMs }: RunRecord): number {
  return truth.injectedAtMs ?? durationMs;
}

function openedIncidents(record: RunRecord): Incident[] {
  return record.events.flatMap((event) =>
    event.type === 'incident_opened' ? [event.incident] : [],
  );
}
