import { digestOf } from '../../core/tools/index.ts';
import type { RunRecord, Scorecard } from '../../core/truth/index.ts';
import { countAlerts } from './alert-count.ts';
import { scoreBaselines } from './score-baselines.ts';
import { scoreDetection } from './score-detection.ts';
import { scoreDiagnosis } from './score-diagnosis.ts';
import { scoreHealing } from './score-healing.ts';
import { scoreResilience } from './score-resilience.ts';

/** SHA-256 of the canonical record without its wall-clock figures. */
export function recordDigest(record: RunRecord): string {
  const { performance: _wallClock, ...rest } = record;
  return digestOf(rest);
}

/**
 * Scores a run. Pure: everything comes from the record. `replay` is the command that makes it
 * again.
 */
export function score(record: RunRecord, replay: string): Scorecard {
  const detection = scoreDetection(record);
  const healing = scoreHealing(record, detection.incidents);
  const { simulatedMs, wallMs } = record.performance;
  return {
    schemaVersion: 1,
    scenario: { id: record.scenario.id, version: record.scenario.version },
    seed: record.seed,
    outcome: healing.outcome,
    detection: { ...detection, alerts: countAlerts(record) },
    diagnosis: scoreDiagnosis(record, detection.incidents),
    healing: healing.card,
    resilience: scoreResilience(record, healing.card, detection.incidents.length),
    baselines: scoreBaselines(record, detection.incidents),
    performance: {
      simulatedMs,
      wallMs: wallMs > 0 ? Math.round(wallMs) : null,
      realTimeFactor: wallMs > 0 ? Math.round(simulatedMs / wallMs) : null,
      series: record.telemetry.series,
      points: record.telemetry.points,
    },
    digest: recordDigest(record),
    replay,
  };
}
