/** A realistic half hour by hand: a zone is lost at 10:00 and traffic is moved away from it. */
import type { ActionOutcome, AuditEntry } from '../../core/observable/index.ts';
import { sha256 } from '../../core/tools/index.ts';
import type { LabEvent, RunRecord } from '../../core/truth/index.ts';
import {
  durationMs,
  faults,
  healedLoss,
  injectedMs,
  minuteMs,
  noLoss,
  onsetMs,
  sliSeries,
  topology,
  unhealedLoss,
  zone,
} from './fixture-course.ts';
import { logLines, slowTrace } from './fixture-exhibits.ts';
import { actAtMs, auditEntries, diagnosis, incident, outcomes, plan } from './fixture-response.ts';

function events(): readonly LabEvent[] {
  return [
    ...faults.map((fault): LabEvent => ({ type: 'fault_injected', atMs: injectedMs, fault })),
    {
      type: 'incident_opened',
      atMs: incident.openedAtMs,
      incident: { ...incident, closedAtMs: null },
    },
    { type: 'diagnosed', atMs: diagnosis.atMs, diagnosis },
    { type: 'planned', atMs: actAtMs, plan },
    ...auditEntries()
      .slice(0, 3)
      .flatMap((entry, i): LabEvent[] => [
        { type: 'audited', atMs: entry.atMs, entry },
        { type: 'acted', atMs: entry.atMs, outcome: outcomes[i] as ActionOutcome },
      ]),
    { type: 'audited', atMs: actAtMs + 30_000, entry: auditEntries()[3] as AuditEntry },
    { type: 'incident_closed', atMs: incident.closedAtMs as number, incident },
    ...faults.map((fault): LabEvent => ({ type: 'fault_rolled_back', atMs: durationMs, fault })),
  ];
}

export function fixtureRecord(): RunRecord {
  return {
    schemaVersion: 1,
    packageVersion: '0.1.0',
    scenario: {
      id: 'zone_failure',
      version: 1,
      title: 'An availability zone goes dark',
      description:
        'us-east-1a is cut off from the network and all of its nodes lose power at once.',
      ends: 'remedied',
      sourceHash: sha256('zone_failure.yaml'),
    },
    seed: 1007,
    options: {
      detectors: 'default',
      localizer: 'ensemble',
      healer: 'default',
      inputHashes: { 'policy default.yaml': sha256('default.yaml') },
    },
    topology,
    warmUpMs: 15 * minuteMs,
    durationMs,
    expect: {
      availabilityMin: 0.99,
      recoveryMaxMs: 300_000,
      incidentsMax: null,
      actionsMax: 8,
      rootCause: zone,
      why: null,
    },
    truth: {
      injectedAtMs: injectedMs,
      onsetMs,
      unhealedRecoveryMs: null,
      rootCauses: [zone, 'node/node-a1', 'node/node-a2', 'node/node-a3'],
      faultClass: 'zone_outage',
      silent: false,
      affected: [
        { component: 'service/redis-cart', atMs: injectedMs + 1_000 },
        { component: 'service/cartservice', atMs: injectedMs + 2_000 },
        { component: 'service/checkoutservice', atMs: injectedMs + 2_000 },
        { component: 'service/frontend', atMs: injectedMs + 3_000 },
        { component: 'service/recommendationservice', atMs: injectedMs + 4_000 },
      ],
      unhealedLostRequests: 21_406,
    },
    events: events(),
    changes: [
      {
        atMs: actAtMs,
        actor: 'firedrill-executor',
        kind: 'scale',
        object: { kind: 'Deployment', namespace: 'default', name: 'frontend' },
        component: 'service/frontend',
        summary: 'replicas 3 -> 6',
        release: null,
      },
    ],
    sli: {
      healed: sliSeries(healedLoss),
      unhealed: sliSeries(unhealedLoss),
      noFault: sliSeries(noLoss),
    },
    sliTolerance: [0.01, 0.01, 0.02],
    oracle: null,
    harmfulAtMs: [],
    exhibits: {
      slowTrace,
      slowTraceFindings: [
        'total 2104.3 ms over 11 spans',
        'slowest: frontend POST /cart/checkout 2104.3 ms',
        'database: HGETALL cart:8f2c took 2000.9 ms on redis-cart',
      ],
      logPatterns: {
        total: 40,
        distribution: { 'connection timeout': 29, 'connection refused': 8, unknown: 3 },
        firstLines: logLines,
      },
    },
    telemetry: {
      series: 812,
      points: 97_440,
      logs: 5_312,
      spans: 41_208,
      digest: sha256('telemetry'),
    },
    alarmLevels: [],
    baselines: {
      detectors: [
        {
          detector: 'three_sigma',
          opened: [{ id: 'inc-1', openedAtMs: 120_000, component: 'node/node-b1' }],
        },
      ],
      ranked: [
        {
          localizer: 'loudest_service',
          incidentId: 'inc-1',
          atMs: injectedMs + 15_000,
          components: ['service/frontend', zone],
        },
      ],
    },
    exogenousDigest: sha256('exogenous'),
    performance: { simulatedMs: durationMs, wallMs: 912 },
  };
}
