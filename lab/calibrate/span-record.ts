/** Where a span was recorded; one object per place, shared by its spans. */
export interface SpanPlace {
  readonly service: string;
  readonly namespace: string | null;
  readonly workload: string | null;
  readonly pod: string | null;
  readonly node: string | null;
  readonly zone: string | null;
  readonly release: string | null;
}

/** What calibration keeps of a span. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly kind: 'server' | 'client' | 'internal' | 'message';
  readonly operation: string;
  readonly place: SpanPlace;
  /** Of the clock of the process that recorded it. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  /** What a client span says of whom it calls; null for other kinds. */
  readonly call: CallDetails | null;
}

export interface CallDetails {
  /** The other side as the client knows it, a service's name or a host's first label. */
  readonly peer: string | null;
  readonly category: 'cpu' | 'db' | 'external';
  readonly statement: string | null;
  /** Number of the retry; 0 for a first attempt. */
  readonly resend: number;
  readonly timedOut: boolean;
}
