/** What the record of the lost zone scores. */
import { hashText, sha256 } from '../../core/tools/index.ts';
import type { Scorecard } from '../../core/truth/index.ts';
import { durationMs, onsetMs, recoveredMs } from './fixture-course.ts';
import { diagnosis, incident, outcomes } from './fixture-response.ts';

export function fixtureScorecard(): Scorecard {
  return {
    schemaVersion: 1,
    scenario: { id: 'zone_failure', version: 1 },
    seed: 1007,
    outcome: 'recovered',
    detection: {
      truePositives: 1,
      falsePositives: 0,
      falseNegatives: 0,
      duplicates: 0,
      selfInflicted: 0,
      precision: 1,
      recall: 1,
      f1: 1,
      timeToDetectMs: 12_000,
      leadTimeMs: null,
      healthyHours: 0.1667,
      falseIncidentsPerDay: 0,
      incidents: [
        {
          id: incident.id,
          openedAtMs: incident.openedAtMs,
          component: incident.component,
          verdict: 'true_positive',
        },
      ],
    },
    diagnosis: {
      top1: true,
      top3: true,
      rank: 1,
      faultClassCorrect: true,
      timeToDiagnoseMs: 12_000,
      suspects: diagnosis.suspects.map(({ component, weight, why }) => ({
        component,
        weight,
        why,
      })),
    },
    healing: {
      actions: outcomes.map(({ atMs, action, outcome }) => ({
        atMs,
        action: action.kind,
        target: action.target,
        outcome,
      })),
      timeToDecideMs: 27_000,
      recovered: true,
      timeToRecoverMs: recoveredMs - onsetMs,
      recoveredAtMs: recoveredMs,
      harmfulActions: 0,
      regret: null,
    },
    resilience: {
      passed: true,
      availability: 0.9908,
      recoveryTimeMs: recoveredMs - onsetMs,
      criteria: [
        { name: 'availability', limit: '> 0.99', value: 0.9908, passed: true },
        { name: 'recovery', limit: '< 5 m', value: recoveredMs - onsetMs, passed: true },
        { name: 'actions', limit: '<= 8', value: 3, passed: true },
      ],
    },
    baselines: {
      detection: [
        {
          detector: 'three_sigma',
          truePositives: 0,
          falsePositives: 1,
          recall: 0,
          timeToDetectMs: null,
          falseIncidentsPerDay: 0,
        },
      ],
      diagnosis: [{ localizer: 'loudest_service', top1: false, top3: true, rank: 2 }],
    },
    performance: {
      simulatedMs: durationMs,
      wallMs: 912,
      realTimeFactor: 1974,
      series: 812,
      points: 97_440,
    },
    digest: sha256(`record ${hashText('zone_failure')}`),
    replay: 'npm run scenario zone_failure -- --seed 1007 --expect-digest 4b1f0a9c27de',
  };
}
