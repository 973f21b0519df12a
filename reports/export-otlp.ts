import type { LogRecord, Resource, Span, Topology } from '../core/observable/index.ts';
import { sha256, virtualEpochMs } from '../core/tools/index.ts';

/** Records per line: few enough to read a file in small steps. */
const batchSize = 500;
const scope = { name: 'firedrill' };
const scopeJson = JSON.stringify(scope);
const epochUs = virtualEpochMs * 1000;
const spanKinds = { internal: 1, server: 2, client: 3 } as const;
const severityNumbers = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;

/**
 * Spans as OTLP/JSON, one `TracesData` per line, as the collector's `otlpjsonfile` receiver reads
 * them. The topology adds namespace and deployment, which a span's own resource does not carry.
 */
export function* exportTracesOtlp(spans: Iterable<Span>, topology?: Topology): Generator<string> {
  const attributesOf = createResourceAttributes(topology);
  const quote = createQuote();
  for (const batch of batches(spans)) {
    const resources: string[] = [];
    for (const members of byResource(batch)) {
      const attributes = JSON.stringify(attributesOf((members[0] as Span).resource));
      const texts = members.map((span) => spanJson(span, quote)).join(',');
      resources.push(
        `{"resource":{"attributes":${attributes}},"scopeSpans":[{"scope":${scopeJson},"spans":[${texts}]}]}`,
      );
    }
    yield `{"resourceSpans":[${resources.join(',')}]}\n`;
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

/**
 * One span as JSON text, put together by hand: a run has hundreds of thousands of spans, and this
 * takes a quarter of the time of building objects for `JSON.stringify`.
 */
function spanJson(span: Span, quote: Quote): string {
  const { parentSpanId, attributes } = span;
  const parent = parentSpanId === null ? '' : `"parentSpanId":"${hexId(parentSpanId, 16)}",`;
  let pairs = '';
  for (const key in attributes) {
    pairs += `${pairs ? ',' : ''}${attributeJson(key, attributes[key] as string | number, quote)}`;
  }
  return (
    `{"traceId":"${hexId(span.traceId, 32)}","spanId":"${hexId(span.spanId, 16)}",${parent}` +
    `"name":${quote(span.operation)},"kind":${spanKinds[span.kind]},` +
    `"startTimeUnixNano":"${unixNano(span.startMs)}",` +
    `"endTimeUnixNano":"${unixNano(span.startMs + span.durationMs)}",` +
    `"attributes":[${pairs}],"status":${statusJson(span, quote)}}`
  );
}

function attributeJson(key: string, value: string | number, quote: Quote): string {
  if (typeof value === 'string')
    return `{"key":${quote(key)},"value":{"stringValue":${quote(value)}}}`;
  return JSON.stringify(attribute(key, value));
}

/** Instrumentation leaves the status of good spans unset. */
function statusJson({ status, attributes }: Span, quote: Quote): string {
  if (status === 'ok') return '{}';
  const errorType = attributes['error.type'];
  return errorType === undefined
    ? '{"code":2}'
    : `{"code":2,"message":${quote(String(errorType))}}`;
}

type Quote = (text: string) => string;

/** `JSON.stringify` of text that remembers: names and statements repeat all the time. */
function createQuote(): Quote {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const quoted = JSON.stringify(text);
    // Text that never repeats must not fill the memory.
    if (known.size < 10_000) known.set(text, quoted);
    return quoted;
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

/** An id as lower-case hex of OTLP's length; an id of another form is hashed into one. */
function hexId(id: string, length: 16 | 32): string {
  return id.length === length && /^[0-9a-f]+$/.test(id) ? id : sha256(id).slice(0, length);
}

/** Nanoseconds since the Unix epoch as decimal text; virtual times are exact to the microsecond. */
function unixNano(atMs: number): string {
  return `${epochUs + Math.round(atMs * 1000)}000`;
}
