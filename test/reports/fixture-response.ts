/** What watchers and healers made of the lost zone: incident, diagnosis, plan and its audit. */
import type {
  ActionOutcome,
  AuditEntry,
  Diagnosis,
  Incident,
  Plan,
} from '../../core/observable/index.ts';
import { digestOf } from '../../core/tools/index.ts';
import { injectedMs, minuteMs, zone } from './fixture-course.ts';

const anomaly = {
  atMs: injectedMs + 15_000,
  labels: {},
  detector: 'robust-z',
} as const;

export const incident: Incident = {
  id: 'inc-1',
  openedAtMs: injectedMs + 15_000,
  updatedAtMs: injectedMs + 45_000,
  closedAtMs: injectedMs + 4 * minuteMs,
  severity: 'critical',
  component: 'service/frontend',
  components: [
    'service/frontend',
    'service/cartservice',
    'node/node-a1',
    'node/node-a2',
    'node/node-a3',
  ],
  anomalies: [
    {
      ...anomaly,
      component: 'service/frontend',
      signal: 'error_ratio',
      value: 0.3391,
      expected: 0.0008,
      zScore: 41.2,
    },
    {
      ...anomaly,
      component: 'user/checkout',
      signal: 'user_latency_ms_p95',
      value: 2104,
      expected: 241,
      zScore: 18.7,
    },
  ],
  summary: [
    'error_ratio service/frontend: 0.3391 (41.2)',
    'user_latency_ms_p95 user/checkout: 2104 (18.7)',
    'edge_error_ratio edge/cartservice->redis-cart: 0.3127 (15.9)',
    'request_rate service/redis-cart: 61.3 (-9.4)',
    'node_ready node/node-a1: 0 (-8.0)',
  ],
};

export const diagnosis: Diagnosis = {
  incidentId: 'inc-1',
  atMs: injectedMs + 15_000,
  localizer: 'ensemble',
  suspects: [
    {
      component: zone,
      weight: 0.91,
      faultClass: 'zone_outage',
      why: 'all 3 nodes and 9 of 9 pods in it stopped answering within one scrape',
      suggestedActions: [
        { kind: 'traffic_shift', target: zone, reason: 'the other two zones answer' },
        { kind: 'drain', target: zone, reason: 'its pods must start elsewhere' },
      ],
    },
    {
      component: 'node/node-a1',
      weight: 0.42,
      faultClass: 'node_outage',
      why: 'no metrics from the node; cartservice and redis-cart ran on it',
      suggestedActions: [],
    },
    {
      component: 'service/redis-cart',
      weight: 0.23,
      faultClass: 'dependency_failure',
      why: 'the deepest service whose callers see errors (edge_error_ratio 0.31)',
      suggestedActions: [],
    },
    {
      component: 'edge/cartservice->redis-cart',
      weight: 0.11,
      faultClass: 'network_partition',
      why: '29 of 40 error lines are "connection timeout"',
      suggestedActions: [],
    },
  ],
};

export const actAtMs: number = injectedMs + 30_000;
export const plan: Plan = {
  atMs: actAtMs,
  incidentId: 'inc-1',
  rule: 'zone-outage-evacuate',
  reason: 'a zone is the top suspect with weight 0.91',
  steps: [
    { kind: 'traffic_shift', target: zone, parameters: { awayFromZone: 'us-east-1a' } },
    { kind: 'cordon', target: zone, parameters: {} },
    {
      kind: 'scale_up',
      target: 'default/deployment/frontend',
      parameters: { factor: 2, maxReplicas: 10 },
    },
  ],
};

const details = [
  'traffic leaves us-east-1a: 11 DestinationRules changed',
  'node-a1, node-a2, node-a3 unschedulable',
  'replicas 3 -> 6',
];

export const outcomes: readonly ActionOutcome[] = plan.steps.map((action, i) => ({
  atMs: actAtMs,
  action,
  outcome: 'done',
  detail: details[i] as string,
  before: i === 2 ? { replicas: 3 } : {},
  after: i === 2 ? { replicas: 6 } : {},
}));

export function auditEntries(): readonly AuditEntry[] {
  const rows: [number, 'allowed' | 'refused', string, string, string][] = [
    ...plan.steps.map((step): [number, 'allowed', string, string, string] => [
      actAtMs,
      'allowed',
      step.kind,
      step.target,
      'within budget: 1 of 3 zones, 3 of 8 actions',
    ]),
    [
      actAtMs + 30_000,
      'refused',
      'scale_up',
      'default/deployment/frontend',
      'cooldown: 9 m 30 s left of 10 m',
    ],
  ];
  let previousHash = '0'.repeat(64);
  return rows.map(([atMs, decision, action, target, reason], i) => {
    const body = {
      sequence: i + 1,
      atMs,
      decision,
      rule: plan.rule,
      action,
      target,
      reason,
      previousHash,
    };
    const hash = digestOf(body);
    previousHash = hash;
    return { ...body, hash };
  });
}
