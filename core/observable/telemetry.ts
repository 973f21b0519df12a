import type { ComponentId } from './component.ts';
import type { SignalName } from './signals.ts';

/** One column of a metrics frame. */
export interface SeriesDescriptor {
  readonly signal: SignalName;
  readonly component: ComponentId;
  /**
   * `service`, `pod`, `node`, `zone`, `region`, `release`, `journey`, `item_type`… as far as they
   * apply.
   */
  readonly labels: Readonly<Record<string, string>>;
}

/** The columns of a run's frames, in order; columns are only ever added, at the end. */
export interface SeriesIndex {
  readonly series: readonly SeriesDescriptor[];
}

/**
 * One scrape: `values[i]` belongs to `index.series[i]`; NaN means "not scraped" or "does not exist
 * now". `values.length` may be less than the index has grown to since.
 */
export interface MetricsFrame {
  readonly atMs: number;
  readonly index: SeriesIndex;
  readonly values: Float64Array;
}

/** The place a log record or span comes from; keys follow the OpenTelemetry resource. */
export interface Resource {
  readonly service: string;
  readonly pod: string;
  readonly node: string;
  readonly zone: string;
  readonly region: string;
  readonly release: string;
}

export interface LogRecord {
  readonly atMs: number;
  readonly severity: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
  readonly body: string;
  readonly resource: Resource;
  readonly traceId: string | null;
  readonly spanId: string | null;
}

/** One operation of one request; times in ms with µs precision. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly kind: 'server' | 'client' | 'internal';
  /** The operation, e.g. `Cart/GetCart`. */
  readonly operation: string;
  readonly resource: Resource;
  readonly startMs: number;
  readonly durationMs: number;
  readonly status: 'ok' | 'error';
  /**
   * `db.statement`, `peer.service`, `error.type`, `span.category` (db, external, cpu),
   * `cpu.time_ms`…
   */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** A Kubernetes Event as `kubectl get events` lists it. */
export interface ClusterEvent {
  readonly atMs: number;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly involved: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly source: string;
}

/**
 * An edit somebody or something made to the desired state, as an audit log or a CD tool reports it.
 */
export interface ChangeEvent {
  readonly atMs: number;
  /** The field manager that wrote, e.g. `cd-pipeline`, `kubectl`, `firedrill-executor`. */
  readonly actor: string;
  readonly kind: 'release' | 'config' | 'scale' | 'restart' | 'node' | 'traffic';
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly component: ComponentId;
  readonly summary: string;
  /** The release after the change, for kind `release`. */
  readonly release: string | null;
}

/** All that an observer could have seen in (fromMs, untilMs]. */
export interface Telemetry {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly frames: readonly MetricsFrame[];
  readonly logs: readonly LogRecord[];
  readonly spans: readonly Span[];
  readonly events: readonly ClusterEvent[];
  readonly changes: readonly ChangeEvent[];
}
