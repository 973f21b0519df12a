import type { LogRecord, Resource, Span, Topology } from '../core/observable/index.ts';
import { sha256, virtualEpochMs } from '../core/tools/index.ts';

/** Records per line: few enough to read a file in small steps. */
const batchSize = 500;
const scope = { name: 'firedrill' };
const spanKinds = { internal: 1, server: 2, client: 3 } as const;
const severityNumbers = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;

/**
 * Spans as OTLP/JSON, one `TracesData` per line, as the OpenTelemetry collector's file receiver reads
 * them. The topology adds namespace and deployment, which a span's own resource does not carry.
 */
export function* exportTracesOtlp(spans: Iterable<Span>, topology?: Topology): Generator<string> {
  const attributesOf = createResourceAttributes(topology);
  for (const batch of batches(spans)) {
    const resourceSpans = [...byResource(batch)].map((members) => ({
      resource: { attributes: attributesOf((members[0] as Span).resource) },
      scopeSpans: [{ scope, spans: members.map(otlpSpan) }],
    }));
    yield `${JSON.stringify({ resourceSpans })}\n`;
  }
}

/** Log records as OTLP/JSON, one `LogsData` per line. */
export function* exportLogsOtlp(logs: Iterable<LogRecord>, topology?: Topology): Generator<string> {
  const attributesOf = createResourceAttributes(topology);
  for (const batch of batches(logs)) {
    const resourceLogs = [...byResource(batch)].map((members) => ({
      resource: { attributes: attributesOf((members[0] as LogRecord).resource) },
      scopeLogs: [{ scope, logRecords: members.map(otlpLog) }],
    }));
    yield `${JSON.stringify({ resourceLogs })}\n`;
  }
}

function otlpSpan(span: Span): object {
  const errorType = span.attributes['error.type'];
  return {
    traceId: hexId(span.traceId, 32),
    spanId: hexId(span.spanId, 16),
    ...(span.parentSpanId === null ? {} : { parentSpanId: hexId(span.parentSpanId, 16) }),
    name: span.operation,
    kind: spanKinds[span.kind],
    startTimeUnixNano: unixNano(span.startMs),
    endTimeUnixNano: unixNano(span.startMs + span.durationMs),
    attributes: Object.entries(span.attributes).map(([key, value]) => attribute(key, value)),
    // Instrumentation leaves the status of good spans unset.
    status:
      span.status === 'ok'
        ? {}
        : { code: 2, ...(errorType === undefined ? {} : { message: String(errorType) }) },
  };
}

function otlpLog(log: LogRecord): object {
  return {
    timeUnixNano: unixNano(log.atMs),
    observedTimeUnixNano: unixNano(log.atMs),
    severityNumber: severityNumbers[log.severity],
    severityText: log.severity,
    body: { stringValue: log.body },
    ...(log.traceId === null ? {} : { traceId: hexId(log.traceId, 32) }),
    ...(log.spanId === null ? {} : { spanId: hexId(log.spanId, 16) }),
  };
}

function createResourceAttributes(
  topology: Topology | undefined,
): (resource: Resource) => object[] {
  const entries = new Map(topology?.services.map((service) => [service.name, service]));
  return ({ service, pod, node, zone, region, release }) => {
    const entry = entries.get(service);
    return [
      attribute('service.name', service),
      attribute('service.version', release),
      ...(entry
        ? [
            attribute('k8s.namespace.name', entry.namespace),
            attribute('k8s.deployment.name', entry.workload),
          ]
        : []),
      attribute('k8s.pod.name', pod),
      attribute('k8s.node.name', node),
      attribute('cloud.region', region),
      attribute('cloud.availability_zone', zone),
    ];
  };
}

function attribute(key: string, value: string | number): object {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (Number.isSafeInteger(value)) return { key, value: { intValue: String(value) } };
  return { key, value: { doubleValue: value } };
}

function* batches<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Groups in order of first appearance. */
function byResource<T extends { readonly resource: Resource }>(
  items: readonly T[],
): Iterable<readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const { service, pod, node, release } = item.resource;
    const key = `${service} ${pod} ${node} ${release}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups.values();
}

/** An id as lower-case hex of the length OTLP asks for; an id of another form is hashed into one. */
function hexId(id: string, length: 16 | 32): string {
  return id.length === length && /^[0-9a-f]+$/.test(id) ? id : sha256(id).slice(0, length);
}

/** Nanoseconds since the Unix epoch as decimal text; virtual times are exact to the microsecond. */
function unixNano(atMs: number): string {
  return `${BigInt(virtualEpochMs) * 1000n + BigInt(Math.round(atMs * 1000))}000`;
}
