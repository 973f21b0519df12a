/** Small records, truth logs and trial results by hand, for rules that can be checked on paper. */
import type { Action, ActionOutcome } from '../../core/observable/index.ts';
import type { LabEvent, RunRecord, SliSeries } from '../../core/truth/index.ts';
import type { TrialResult } from '../../lab/index.ts';
import type { TruthLog } from '../../sim/index.ts';
import { fixtureRecord } from '../reports/fixture.ts';
import { fixtureScorecard } from '../reports/fixture-scorecard.ts';

const stepMs = 5_000;
export const durationMs = 1_800_000;
export const injectedMs = 600_000;
export const onsetMs = 630_000;

/** A share of requests per instant, or one for all of the run. */
type Share = number | ((atMs: number) => number);

/** One journey of 100 requests per five seconds, unless more are offered. */
export function sliOf(good: Share, offered: Share = 1): SliSeries {
  const row = (share: Share): number[] =>
    Array.from(
      { length: durationMs / stepMs },
      (_, i) => 100 * (typeof share === 'number' ? share : share(i * stepMs)),
    );
  return {
    startMs: 0,
    stepMs,
    journeys: ['browse'],
    offered: [row(offered)],
    good: [row(good)],
    latencyMsP95: [row(1)],
  };
}

/** `share` within [fromMs, untilMs) and 1 elsewhere. */
export function dip(share: number, fromMs: number, untilMs: number = durationMs): Share {
  return (atMs) => (atMs >= fromMs && atMs < untilMs ? share : 1);
}

interface Changes {
  readonly healed?: Share | undefined;
  readonly events?: readonly LabEvent[];
  readonly truth?: Partial<RunRecord['truth']>;
  readonly expect?: Partial<RunRecord['expect']>;
  readonly record?: Partial<RunRecord>;
}

/**
 * Half an hour in which users lose half of their requests from 10:30 on, for good without a healer;
 * with one they are whole again after two minutes. Nobody saw it and nobody acted, unless told.
 */
export function recordOf({ healed, events = [], truth, expect, record }: Changes = {}): RunRecord {
  const base = fixtureRecord();
  return {
    ...base,
    durationMs,
    events,
    truth: {
      ...base.truth,
      injectedAtMs: injectedMs,
      onsetMs,
      rootCauses: ['service/cartservice'],
      faultClass: 'bad_release',
      affected: [{ component: 'service/frontend', atMs: onsetMs }],
      ...truth,
    },
    expect: {
      ...base.expect,
      availabilityMin: 0.9,
      recoveryMaxMs: 300_000,
      incidentsMax: null,
      actionsMax: null,
      ...expect,
    },
    sli: {
      healed: sliOf(healed ?? dip(0.5, onsetMs, onsetMs + 120_000)),
      unhealed: sliOf(dip(0.5, onsetMs)),
      noFault: sliOf(1),
    },
    sliTolerance: [0.01],
    harmfulAtMs: [],
    alarmLevels: [],
    baselines: { detectors: [], ranked: [] },
    ...record,
  };
}

/** The same half hour with nothing wrong in it. */
export function healthyRecordOf(changes: Changes = {}): RunRecord {
  const { truth } = changes;
  return recordOf({
    ...changes,
    truth: { injectedAtMs: null, onsetMs: null, rootCauses: [], affected: [], ...truth },
    record: {
      sli: { healed: sliOf(1), unhealed: sliOf(1), noFault: sliOf(1) },
      ...changes.record,
    },
  });
}

export function opened(atMs: number, id = `inc-${atMs}`): LabEvent {
  const incident = fixtureRecord().events.find((event) => event.type === 'incident_opened');
  if (incident?.type !== 'incident_opened') throw new Error('the fixture has no incident');
  return {
    ...incident,
    atMs,
    incident: { ...incident.incident, id, openedAtMs: atMs, updatedAtMs: atMs },
  };
}

export function acted(
  atMs: number,
  changes: { target?: string; kind?: Action['kind']; outcome?: ActionOutcome['outcome'] } = {},
): LabEvent {
  const { target = 'default/deployment/cartservice', kind = 'restart', outcome = 'done' } = changes;
  const action: Action = { kind, target, parameters: {} };
  return {
    type: 'acted',
    atMs,
    outcome: { atMs, action, outcome, detail: '', before: {}, after: {} },
  };
}

export function diagnosed(atMs: number, incidentId: string, components: string[]): LabEvent {
  return {
    type: 'diagnosed',
    atMs,
    diagnosis: {
      incidentId,
      atMs,
      localizer: 'combined',
      suspects: components.map((component, i) => ({
        component,
        weight: 0.9 - i / 10,
        faultClass: 'bad_release',
        why: '',
        suggestedActions: [],
      })),
    },
  };
}

interface LogChanges {
  readonly good?: (second: number) => number;
  readonly errors?: (second: number) => number;
  readonly latencyMs?: (second: number) => number;
}

/** Three minutes from time 0: one journey of 100 requests per second, one service. */
export function logOf({
  good = () => 1,
  errors = () => 0,
  latencyMs = () => 20,
}: LogChanges = {}): TruthLog {
  const seconds = Array.from({ length: 180 }, (_, second) => second);
  return {
    journeys: ['browse'],
    services: ['cartservice'],
    startMs: 0,
    user: seconds.map((second) => ({
      atMs: (second + 1) * 1000,
      offered: Float64Array.of(100),
      good: Float64Array.of(100 * good(second)),
      latencyMsP95: Float64Array.of(50),
    })),
    service: seconds.map((second) => ({
      errorRatio: Float64Array.of(errors(second)),
      latencyMsMean: Float64Array.of(latencyMs(second)),
    })),
  };
}

interface ResultChanges {
  readonly detection?: Partial<TrialResult['scorecard']['detection']>;
  readonly diagnosis?: Partial<TrialResult['scorecard']['diagnosis']>;
  readonly healing?: Partial<TrialResult['scorecard']['healing']>;
  readonly resilience?: Partial<TrialResult['scorecard']['resilience']>;
  readonly baselines?: TrialResult['scorecard']['baselines'];
  readonly result?: Partial<TrialResult>;
}

/** A recovered trial of one scenario, in which doing nothing would have lost everything. */
export function resultOf(changes: ResultChanges = {}): TrialResult {
  const card = fixtureScorecard();
  return {
    scenario: 'zone_failure',
    ends: 'remedied',
    seed: 1,
    exogenousDigest: '',
    observedMs: 600_000,
    doNothing: { recovered: false, timeToRecoverMs: null, availability: 0.5, passed: false },
    ...changes.result,
    scorecard: {
      ...card,
      detection: { ...card.detection, ...changes.detection },
      diagnosis: { ...card.diagnosis, ...changes.diagnosis },
      healing: { ...card.healing, ...changes.healing },
      resilience: { ...card.resilience, ...changes.resilience },
      baselines: changes.baselines ?? card.baselines,
    },
  };
}
