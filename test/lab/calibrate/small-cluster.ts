/** A cluster of three services, one of them a database without spans of its own, as OTLP lines. */

interface SpanPlan {
  readonly trace: number;
  readonly id: string;
  readonly parent?: string;
  readonly service: string;
  readonly name: string;
  readonly kind: 2 | 3;
  readonly startMs: number;
  readonly lengthMs: number;
  readonly failed?: boolean;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** 2026-01-05 09:00 UTC. */
export const startMs: number = Date.UTC(2026, 0, 5, 9);

export function otlpLine(plan: SpanPlan): string {
  const nano = (ms: number): string => `${Math.round((startMs + ms) * 1000)}000`;
  const attribute = ([key, value]: [string, string]): object => ({
    key,
    value: { stringValue: value },
  });
  const span = {
    traceId: `${plan.trace}`.padStart(32, '0'),
    spanId: plan.id,
    ...(plan.parent === undefined ? {} : { parentSpanId: plan.parent }),
    name: plan.name,
    kind: plan.kind,
    startTimeUnixNano: nano(plan.startMs),
    endTimeUnixNano: nano(plan.startMs + plan.lengthMs),
    attributes: Object.entries(plan.attributes ?? {}).map(attribute),
    status: plan.failed ? { code: 'STATUS_CODE_ERROR' } : {},
  };
  const resource = {
    'service.name': plan.service,
    'k8s.pod.name': `${plan.service}-6d4cf56db6-abcde`,
    'cloud.availability_zone': plan.service === 'shop' ? 'z-a' : 'z-b',
  };
  const resourceSpans = [
    {
      resource: { attributes: Object.entries(resource).map(attribute) },
      scopeSpans: [{ spans: [span] }],
    },
  ];
  return JSON.stringify({ resourceSpans });
}

/** One request: the shop asks the stock, which asks a database; every tenth asks again. */
export function traceLines(trace: number): string[] {
  const at = 100 * trace;
  const id = (name: string): string => `${name}-${trace}`;
  // The stock's clock is a second ahead.
  const skewed = at + 1000;
  const isRetried = trace % 10 === 0;
  const call = {
    service: 'shop',
    name: 'GET',
    kind: 3,
    attributes: { 'peer.service': 'stock' },
  } as const;
  const query = { 'db.system.name': 'postgresql', 'server.address': 'orders-db.svc' };
  return [
    otlpLine({
      trace,
      id: id('a'),
      service: 'shop',
      name: 'GET /buy',
      kind: 2,
      startMs: at,
      lengthMs: 40,
    }),
    ...(isRetried
      ? [
          otlpLine({
            ...call,
            trace,
            id: id('x'),
            parent: id('a'),
            startMs: at + 1,
            lengthMs: 5,
            failed: true,
          }),
        ]
      : []),
    otlpLine({
      ...call,
      trace,
      id: id('b'),
      parent: id('a'),
      startMs: at + 10,
      lengthMs: 22,
      attributes: {
        'peer.service': 'stock',
        ...(isRetried ? { 'http.request.resend_count': '1' } : {}),
      },
    }),
    otlpLine({
      trace,
      id: id('c'),
      parent: id('b'),
      service: 'stock',
      name: `GET /stock/${1000 + trace}`,
      kind: 2,
      startMs: skewed + 10,
      lengthMs: 20,
    }),
    otlpLine({
      trace,
      id: id('d'),
      parent: id('c'),
      service: 'stock',
      name: 'SELECT orders',
      kind: 3,
      startMs: skewed + 12,
      lengthMs: 8,
      attributes: query,
    }),
  ];
}

/** CPU of 0.1 cores per service and 10 requests/s, once a minute, as counters that restart once. */
export function metricLines(minutes: number): string[] {
  const lines: string[] = ['# TYPE container_cpu_usage_seconds counter'];
  for (let minute = 0; minute <= minutes; minute += 1) {
    const at = (startMs + 60_000 * minute) / 1000;
    const since = minute > 5 ? minute - 6 : minute;
    for (const service of ['shop', 'stock']) {
      const pod = `${service}-6d4cf56db6-abcde`;
      lines.push(
        `container_cpu_usage_seconds_total{pod="${pod}",container="c"} ${6 * since} ${at}`,
      );
      lines.push(`container_memory_working_set_bytes{pod="${pod}",container="c"} 1e8 ${at}`);
    }
    const labels = 'service_name="shop",http_request_method="GET",http_route="/buy"';
    lines.push(`http_server_request_duration_seconds_count{${labels}} ${600 * minute} ${at}`);
    lines.push(`kube_node_info{node="n1"} 1 ${at}`, `up{job="x"} 1 ${at}`);
  }
  return [...lines, '# EOF'];
}

const deployment = (name: string, kind: string): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, uid: 1-2-3 }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - { name: c, image: "${name}:v1", resources: { limits: { cpu: 1, memory: 256Mi } } }
`;

export const manifests: { path: string; text: string }[] = [
  {
    path: 'cluster.yaml',
    text: [
      deployment('shop', 'Deployment'),
      deployment('stock', 'StatefulSet'),
      'apiVersion: batch/v1\nkind: SomethingElse\nmetadata: { name: nightly }\n',
      'apiVersion: v1\nkind: Node\nmetadata: { name: n1, labels: { topology.kubernetes.io/zone: z-a } }\nstatus: { capacity: { cpu: "8", memory: 32Gi } }\n',
    ].join('---\n'),
  },
];
