import {
  bucketCount,
  demandOf,
  goodRatio,
  lostRequests,
  type Outcome,
  type RunRecord,
  type Scorecard,
} from '../../core/truth/index.ts';
import { oracleHorizonMs } from '../oracle.ts';
import { isInBand } from '../sli.ts';
import {
  brokeAtMs,
  effectiveActions,
  type JudgedIncidents,
  playedActions,
  recoveredAtMs,
} from './run-facts.ts';

/** Scores what the loop did for users. */
export function scoreHealing(
  record: RunRecord,
  incidents: JudgedIncidents,
): { card: Scorecard['healing']; outcome: Outcome } {
  const { onsetMs } = record.truth;
  const brokenMs = brokeAtMs(record);
  const backMs = recoveredAtMs(record);
  const outcome = outcomeOf(record, brokenMs, backMs);
  const found = incidents.find((incident) => incident.verdict === 'true_positive');
  const decided = record.events.find(
    (event) =>
      event.type === 'planned' && event.atMs >= (found?.openedAtMs ?? Number.POSITIVE_INFINITY),
  );
  return {
    outcome,
    card: {
      actions: playedActions(record).map(({ atMs, action, outcome: result }) => ({
        atMs,
        action: action.kind,
        target: action.target,
        outcome: result,
      })),
      timeToDecideMs: found && decided ? decided.atMs - found.openedAtMs : null,
      recovered: onsetMs !== null ? outcome === 'recovered' || outcome === 'healthy' : null,
      timeToRecoverMs: timeToRecover(onsetMs, brokenMs, backMs),
      recoveredAtMs: backMs,
      harmfulActions: harmfulActions(record),
      regret: normalisedRegret(record),
    },
  };
}

/**
 * 0 where the loop acted before users noticed; null where nothing broke or they never recovered.
 */
function timeToRecover(
  onsetMs: number | null,
  brokenMs: number | null,
  backMs: number | null,
): number | null {
  if (onsetMs === null) return null;
  if (brokenMs === null) return 0;
  return backMs === null ? null : backMs - Math.min(onsetMs, brokenMs);
}

function outcomeOf(record: RunRecord, brokenMs: number | null, backMs: number | null): Outcome {
  if (brokenMs === null) return 'healthy';
  if (backMs !== null) return 'recovered';
  const { healed, noFault } = record.sli;
  const last = bucketCount(healed) - 1;
  const isHalfGood = goodShare(record, last) >= 0.5;
  return isHalfGood || isInBand(healed, noFault, record.sliTolerance, last) ? 'degraded' : 'lost';
}

function goodShare({ sli }: RunRecord, bucket: number): number {
  const demand = demandOf(sli);
  const sum = (rows: readonly (readonly number[])[]): number =>
    rows.reduce((total, row) => total + (row[bucket] ?? 0), 0);
  return goodRatio(sum(sli.healed.good), sum(demand.offered));
}

/** Done actions of the scrapes in which acting lost more than leaving things alone. */
function harmfulActions(record: RunRecord): number {
  const harmful = new Set(record.harmfulAtMs);
  return effectiveActions(record).filter((outcome) => harmful.has(outcome.atMs)).length;
}

/**
 * (J_noop − J) / (J_noop − J_oracle) over ten minutes from onset: 1 is the oracle, 0 doing nothing.
 */
function normalisedRegret(record: RunRecord): number | null {
  const { onsetMs } = record.truth;
  if (record.oracle === null || onsetMs === null) return null;
  const { sli } = record;
  const demand = demandOf(sli);
  const window = {
    fromMs: onsetMs,
    untilMs: Math.min(onsetMs + oracleHorizonMs, record.durationMs),
  };
  const noop = lostRequests(sli.unhealed, demand, window);
  const reached = lostRequests(sli.healed, demand, window);
  const gap = noop - record.oracle.lostRequests;
  return gap > 0 ? (noop - reached) / gap : null;
}
