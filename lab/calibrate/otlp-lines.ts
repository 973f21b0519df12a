import { InputError, type SourcePosition } from '../../core/tools/index.ts';
import type { CallDetails, SpanPlace, SpanRecord } from './span-record.ts';

/** Lines of a text, from memory or from a stream. */
export type Lines = Iterable<string> | AsyncIterable<string>;

type Json = Readonly<Record<string, unknown>>;
type Attributes = ReadonlyMap<string, string>;

/**
 * The spans of an OTLP/JSON file with one `ExportTraceServiceRequest` per line, as the collector's
 * file exporter writes it; lines with logs or metrics are passed over. Times are read to the
 * microsecond. A malformed line is an {@link InputError} with its position.
 */
export async function readOtlpLines(lines: Lines, file: string): Promise<SpanRecord[]> {
  const places = new Map<string, SpanPlace>();
  const spans: SpanRecord[] = [];
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const position = { file, line, column: 1 };
    const document = parseLine(text, position);
    for (const block of listOf(document.resourceSpans)) {
      const place = shared(places, placeOf(attributesOf((block.resource as Json)?.attributes)));
      for (const scope of listOf(block.scopeSpans)) {
        for (const span of listOf(scope.spans)) {
          spans.push(toRecord(span, place ?? refuseNameless(position), position));
        }
      }
    }
  }
  return spans;
}

function parseLine(text: string, position: SourcePosition): Json {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const at = /position (\d+)/.exec((cause as Error).message)?.[1];
    throw new InputError('expected one JSON object per line', {
      position: { ...position, column: Number(at ?? 0) + 1 },
      hint: 'OTLP JSON lines, as the file exporter of the OpenTelemetry collector writes them',
      cause,
    });
  }
  const keys = ['resourceSpans', 'resourceLogs', 'resourceMetrics'];
  if (isObject(document) && keys.some((key) => Array.isArray(document[key]))) return document;
  throw new InputError('expected an ExportTraceServiceRequest, an object with resourceSpans', {
    position,
    hint: 'one request per line; other trace formats go through an OpenTelemetry collector first',
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function refuseNameless(position: SourcePosition): never {
  throw new InputError('expected a resource with the attribute service.name', {
    position,
    hint: 'set OTEL_SERVICE_NAME on every instrumented process',
  });
}

/** Attributes as text; lists and mappings are passed over. */
function attributesOf(list: unknown): Attributes {
  const found = new Map<string, string>();
  for (const { key, value } of listOf(list)) {
    if (typeof key !== 'string' || !isObject(value)) continue;
    const scalar = value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue;
    if (scalar !== undefined) found.set(key, String(scalar));
  }
  return found;
}

function placeOf(attributes: Attributes): SpanPlace | null {
  const get = (key: string): string | null => attributes.get(key) ?? null;
  const service = get('service.name');
  if (!service) return null;
  return {
    service,
    namespace: get('k8s.namespace.name') ?? get('service.namespace'),
    workload: get('k8s.deployment.name') ?? get('k8s.statefulset.name'),
    pod: get('k8s.pod.name') ?? get('service.instance.id') ?? get('host.name'),
    node: get('k8s.node.name'),
    zone: get('cloud.availability_zone'),
    release: get('service.version'),
  };
}

/** One object per place, however many lines name it. */
function shared(places: Map<string, SpanPlace>, place: SpanPlace | null): SpanPlace | null {
  if (!place) return null;
  const key = Object.values(place).join('\n');
  const known = places.get(key);
  if (known) return known;
  places.set(key, place);
  return place;
}

function toRecord(span: Json, place: SpanPlace, position: SourcePosition): SpanRecord {
  const attributes = attributesOf(span.attributes);
  const kind = kindOf(span.kind);
  const startUs = microseconds(span.startTimeUnixNano, 'startTimeUnixNano', position);
  const endUs = microseconds(span.endTimeUnixNano, 'endTimeUnixNano', position);
  const code = (span.status as Json | undefined)?.code;
  return {
    traceId: textOf(span.traceId, 'traceId', position),
    spanId: textOf(span.spanId, 'spanId', position),
    parentSpanId: span.parentSpanId ? String(span.parentSpanId) : null,
    kind,
    operation: operationOf(textOf(span.name, 'name', position), attributes),
    place,
    startMs: startUs / 1000,
    durationMs: Math.max(0, endUs - startUs) / 1000,
    failed: code === 2 || code === 'STATUS_CODE_ERROR',
    call: kind === 'client' ? callOf(attributes) : null,
  };
}

const kinds: Readonly<Record<string, SpanRecord['kind']>> = {
  2: 'server',
  SPAN_KIND_SERVER: 'server',
  3: 'client',
  SPAN_KIND_CLIENT: 'client',
  4: 'message',
  SPAN_KIND_PRODUCER: 'message',
  5: 'message',
  SPAN_KIND_CONSUMER: 'message',
};

function kindOf(kind: unknown): SpanRecord['kind'] {
  return kinds[String(kind)] ?? 'internal';
}

function textOf(value: unknown, field: string, position: SourcePosition): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InputError(`expected a span with ${field}, got ${JSON.stringify(value) ?? 'none'}`, {
    position,
  });
}

/** Nanoseconds since 1970 do not fit a double; microseconds do. */
function microseconds(value: unknown, field: string, position: SourcePosition): number {
  const text = typeof value === 'number' ? value.toFixed(0) : value;
  if (typeof text === 'string' && /^\d{4,}$/.test(text)) return Number(text.slice(0, -3));
  const got = JSON.stringify(value) ?? 'none';
  throw new InputError(`expected ${field} in nanoseconds since 1970, got ${got}`, { position });
}

/** Path segments that name one thing rather than a kind of things. */
const identifier = /\/(?:\d+|[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\/|$)/gi;

/** The span's name, or what the semantic conventions hold that has fewer different values. */
function operationOf(name: string, attributes: Attributes): string {
  const method = attributes.get('http.request.method') ?? attributes.get('http.method');
  const route = attributes.get('http.route');
  if (method && route) return `${method} ${route}`;
  return name.replaceAll(identifier, '/{id}').replaceAll(/\s+/g, ' ').trim();
}

function callOf(attributes: Attributes): CallDetails {
  const get = (...keys: string[]): string | null => {
    for (const key of keys) {
      const value = attributes.get(key);
      if (value) return value;
    }
    return null;
  };
  const database = get('db.system.name', 'db.system');
  const named = get('peer.service', 'span.peer.service');
  const host = get('server.address', 'net.peer.name', 'db.instance.id');
  const error = get('error.type') ?? '';
  const isExternal = get('span.category') === 'external';
  return {
    peer: named ?? (host && !/^[\d.:]+$/.test(host) ? host.split('.')[0] : null) ?? database,
    category: isExternal ? 'external' : database ? 'db' : 'cpu',
    statement: get('db.query.text', 'db.statement'),
    resend: Number(get('http.request.resend_count') ?? 0),
    timedOut: /time.?out|deadline/i.test(error) || get('rpc.grpc.status_code') === '4',
  };
}
