import type { RunRecord, Scorecard } from '../core/truth/index.ts';
import { faultWindows } from './fault-windows.ts';
import { finalIncidents } from './incidents.ts';

/** `labels.json`: what a data set of this run needs of the truth. Times in ms of the run. */
export function renderLabels(record: RunRecord, scorecard: Scorecard): object {
  const { truth } = record;
  const closed = new Map(finalIncidents(record).map(({ id, closedAtMs }) => [id, closedAtMs]));
  return {
    schemaVersion: 1,
    scenario: { id: record.scenario.id, version: record.scenario.version },
    seed: record.seed,
    durationMs: record.durationMs,
    faults: faultWindows(record),
    injectedAtMs: truth.injectedAtMs,
    onsetMs: truth.onsetMs,
    recoveredAtMs: scorecard.healing.recoveredAtMs,
    unhealedRecoveryMs: truth.unhealedRecoveryMs,
    silent: truth.silent,
    faultClass: truth.faultClass,
    rootCauses: truth.rootCauses,
    affected: truth.affected,
    incidents: scorecard.detection.incidents.map(({ id, component, openedAtMs, verdict }) => ({
      id,
      component,
      openedAtMs,
      closedAtMs: closed.get(id) ?? null,
      verdict,
    })),
    telemetryDigest: record.telemetry.digest,
  };
}
