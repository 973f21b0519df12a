import type { RunRecord, Scorecard } from '../core/truth/index.ts';
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

interface FaultWindow {
  readonly kind: string;
  readonly target: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** From when to when each fault was in force; one that was never undone lasted to the run's end. */
export function faultWindows(record: RunRecord): readonly FaultWindow[] {
  const open: { window: FaultWindow; ended: boolean }[] = [];
  for (const event of record.events) {
    if (event.type === 'fault_injected') {
      const { kind, target, parameters, durationMs } = event.fault;
      const untilMs = durationMs === null ? record.durationMs : event.atMs + durationMs;
      open.push({
        window: { kind, target, fromMs: event.atMs, untilMs, parameters },
        ended: false,
      });
    } else if (event.type === 'fault_rolled_back') {
      const { kind, target } = event.fault;
      const entry = open.find(
        (o) => !o.ended && o.window.kind === kind && o.window.target === target,
      );
      if (entry) {
        entry.ended = true;
        entry.window = { ...entry.window, untilMs: event.atMs };
      }
    }
  }
  return open.map((entry) => entry.window);
}
