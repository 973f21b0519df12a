/** A realistic half hour by hand: a zone is lost at 10:00 and traffic is moved away from it. */
import type {
  ActionOutcome,
  AuditEntry,
  Diagnosis,
  Incident,
  LogRecord,
  Plan,
  Resource,
  Span,
  Topology,
} from '../../core/observable/index.ts';
import { createDrawKey, digestOf, hashText, sha256, uniformAt } from '../../core/tools/index.ts';
import type { Fault, LabEvent, RunRecord, Scorecard, SliSeries } from '../../core/truth/index.ts';

const minuteMs = 60_000;
const injectedMs = 10 * minuteMs;
const onsetMs = injectedMs + 3_000;
const recoveredMs = injectedMs + 2 * minuteMs + 5_000;
const durationMs = 30 * minuteMs;
const stepMs = 5_000;
const zone = 'zone/us-east-1a';

const topology: Topology = {
  name: 'online_boutique',
  entryService: 'frontend',
  services: [
    'adservice',
    'cartservice',
    'checkoutservice',
    'currencyservice',
    'emailservice',
    'frontend',
    'paymentservice',
    'productcatalogservice',
    'recommendationservice',
    'redis-cart',
    'shippingservice',
  ].map((name) => ({
    name,
    namespace: 'default',
    kind: name === 'redis-cart' ? ('datastore' as const) : ('service' as const),
    workload: name,
  })),
  calls: [
    ['frontend', 'adservice'],
    ['frontend', 'recommendationservice'],
    ['frontend', 'productcatalogservice'],
    ['frontend', 'cartservice'],
    ['frontend', 'currencyservice'],
    ['frontend', 'shippingservice'],
    ['frontend', 'checkoutservice'],
    ['checkoutservice', 'productcatalogservice'],
    ['checkoutservice', 'cartservice'],
    ['checkoutservice', 'currencyservice'],
    ['checkoutservice', 'shippingservice'],
    ['checkoutservice', 'paymentservice'],
    ['checkoutservice', 'emailservice'],
    ['recommendationservice', 'productcatalogservice'],
    ['cartservice', 'redis-cart'],
  ].map(([from, to]) => ({ from: from as string, to: to as string })),
  nodes: ['a', 'b', 'c'].flatMap((letter) =>
    [1, 2, 3].map((n) => ({
      name: `node-${letter}${n}`,
      zone: `us-east-1${letter}`,
      region: 'us-east-1',
    })),
  ),
};

const faults: readonly Fault[] = (['network_partition', 'node_power_loss'] as const).map(
  (kind) => ({
    kind,
    target: zone,
    startMs: injectedMs,
    durationMs: null,
    parameters: {},
    faultClass: 'zone_outage',
  }),
);

type Loss = (atMs: number) => number;
const noLoss: Loss = () => 0;
const unhealedLoss: Loss = (atMs) => {
  if (atMs < injectedMs) return 0;
  return atMs < injectedMs + 6 * minuteMs ? 0.34 : 0.13;
};
const healedLoss: Loss = (atMs) => {
  if (atMs < injectedMs || atMs >= recoveredMs) return 0;
  if (atMs < injectedMs + 30_000) return 0.34;
  return (0.12 * (recoveredMs - atMs)) / (recoveredMs - injectedMs - 30_000);
};

function sliSeries(loss: Loss): SliSeries {
  const journeys = ['browse', 'add_to_cart', 'checkout'];
  const buckets = durationMs / stepMs;
  const key = createDrawKey(1007, 'fixture');
  const table = (cell: (j: number, i: number) => number): number[][] =>
    journeys.map((_, j) => Array.from({ length: buckets }, (_, i) => cell(j, i)));
  const lossAt = (j: number, i: number): number => loss(i * stepMs) * (0.85 + 0.15 * j);
  const offered = table((j, i) =>
    Math.round(
      [300, 120, 40][j]! * (1 + 0.08 * Math.sin(i / 45) + 0.1 * (uniformAt(key, j, i) - 0.5)),
    ),
  );
  return {
    startMs: 0,
    stepMs,
    journeys,
    offered,
    good: table((j, i) => Math.round(offered[j]![i]! * (0.9992 - lossAt(j, i)))),
    latencyMsP95: table((j, i) => {
      const noise = 1 + 0.12 * (uniformAt(key, 7 + j, i) - 0.5);
      return Math.round([62, 95, 240][j]! * noise * (1 + 22 * lossAt(j, i)) * 10) / 10;
    }),
  };
}

const anomaly = {
  atMs: injectedMs + 15_000,
  labels: {},
  detector: 'robust-z',
} as const;

const incident: Incident = {
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

const diagnosis: Diagnosis = {
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

const actAtMs = injectedMs + 30_000;
const plan: Plan = {
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

const outcomes: readonly ActionOutcome[] = plan.steps.map((action, i) => ({
  atMs: actAtMs,
  action,
  outcome: 'done',
  detail: details[i] as string,
  before: i === 2 ? { replicas: 3 } : {},
  after: i === 2 ? { replicas: 6 } : {},
}));

function auditEntries(): readonly AuditEntry[] {
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

const podOf: Readonly<Record<string, string>> = {
  frontend: 'frontend-6d4f8c7b9-x2lqp',
  checkoutservice: 'checkoutservice-7c9d5b6f4-8hzkt',
  cartservice: 'cartservice-5f7b9c8d6-m4vwn',
  'redis-cart': 'redis-cart-76b9545755-qk2sd',
  productcatalogservice: 'productcatalogservice-86f5d8c9b-t7rjc',
  paymentservice: 'paymentservice-58d7c6b4f-9xgbl',
};

function resource(service: string): Resource {
  return {
    service,
    pod: podOf[service] ?? `${service}-0`,
    node: service === 'redis-cart' ? 'node-a1' : 'node-b2',
    zone: service === 'redis-cart' ? 'us-east-1a' : 'us-east-1b',
    region: 'us-east-1',
    release: 'v0.10.3',
  };
}

const traceId = sha256('fixture-trace').slice(0, 32);
const traceStartMs = injectedMs + 21_000;

function span(
  id: string,
  parent: string | null,
  [service, operation, kind]: [string, string, Span['kind']],
  [startMs, spanMs]: [number, number],
  options: { error?: boolean; attributes?: Span['attributes'] } = {},
): Span {
  return {
    traceId,
    spanId: sha256(`span-${id}`).slice(0, 16),
    parentSpanId: parent === null ? null : sha256(`span-${parent}`).slice(0, 16),
    kind,
    operation,
    resource: resource(service),
    startMs: traceStartMs + startMs,
    durationMs: spanMs,
    status: options.error ? 'error' : 'ok',
    attributes: options.attributes ?? {},
  };
}

const timeout = { 'error.type': 'timeout' };
const slowTrace: readonly Span[] = [
  span('1', null, ['frontend', 'POST /cart/checkout', 'server'], [0, 2104.3], {
    error: true,
    attributes: timeout,
  }),
  span('2', '1', ['frontend', 'CheckoutService/PlaceOrder', 'client'], [4.1, 2096.8], {
    error: true,
    attributes: timeout,
  }),
  span('3', '2', ['checkoutservice', 'CheckoutService/PlaceOrder', 'server'], [5.6, 2094], {
    error: true,
  }),
  span('4', '3', ['checkoutservice', 'prepare order', 'internal'], [6.2, 31.4], {
    attributes: { 'span.category': 'cpu', 'cpu.time_ms': 28.1 },
  }),
  span('5', '3', ['checkoutservice', 'CartService/GetCart', 'client'], [38.1, 2010.4], {
    error: true,
    attributes: timeout,
  }),
  span('6', '5', ['cartservice', 'CartService/GetCart', 'server'], [39.4, 2006.2], { error: true }),
  span('7', '6', ['cartservice', 'HGETALL', 'client'], [41, 2000.9], {
    error: true,
    attributes: {
      ...timeout,
      'span.category': 'db',
      'db.statement': 'HGETALL cart:8f2c',
      'peer.service': 'redis-cart',
    },
  }),
  span('8', '3', ['checkoutservice', 'ProductCatalogService/GetProduct', 'client'], [2050, 14.2]),
  span(
    '9',
    '8',
    ['productcatalogservice', 'ProductCatalogService/GetProduct', 'server'],
    [2051.2, 11.8],
  ),
  span('10', '3', ['checkoutservice', 'PaymentService/Charge', 'client'], [2066, 30.1], {
    attributes: { 'span.category': 'external', 'peer.service': 'paymentservice' },
  }),
  span('11', '10', ['paymentservice', 'PaymentService/Charge', 'server'], [2067.4, 27.3]),
];

const logLines: readonly LogRecord[] = [0, 1, 2, 3, 4].map((i) => ({
  atMs: injectedMs + 4_200 + i * 730,
  severity: 'ERROR',
  body:
    i === 3
      ? 'rpc error: code = Unavailable desc = connection refused (10.0.1.14:6379)'
      : `failed to get cart: connection timeout after 2000ms (redis-cart:6379, attempt ${i + 1})`,
  resource: resource(i === 3 ? 'checkoutservice' : 'cartservice'),
  traceId: i === 0 ? traceId : null,
  spanId: null,
}));

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
