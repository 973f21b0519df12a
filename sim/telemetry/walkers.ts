import type { Span } from '../../core/observable/index.ts';
import { uniformAt } from '../../core/tools/index.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow } from '../data-plane/flow-state.ts';
import { sampleLatencyMs } from '../data-plane/latency-law.ts';
import type { CallFailure } from './log-messages.ts';
import type { PodIdentities } from './pod-identity.ts';
import { SpanIdentifiers, traceIdAt } from './span-identifiers.ts';
import { clientAttributes, notSent, refusalMs, type SpanDraft } from './walk-attempts.ts';
import type { WalkCall, WalkJourney, WalkOperation } from './walk-graph.ts';
import type { WalkKeys } from './walk-keys.ts';
import { logCallFailed, logServed } from './walk-logs.ts';
import type { WalkTarget } from './walk-places.ts';
import { WalkPlaces } from './walk-places.ts';
import type { WindowLogs } from './window-logs.ts';

/** CPU sections at least this long have a span of their own. */
const cpuSpanMinMs = 20;
/** Share of traces that lose spans on the way, and of their spans that are lost. */
const lossyTraceShare = 0.01;
const lostSpanShare = 0.3;
const requestsPerScrapeMax = 4096;

/** How one user request ended, as the user saw it. */
export interface WalkOutcome {
  readonly durationMs: number;
  readonly failed: boolean;
}

/**
 * Sends sampled user requests through the flow state of one window, call by call, and records the
 * spans and log lines they would have left. Durations follow the same laws as the metrics; retries
 * are drawn one by one where the metrics have their expectation. About 1 µs per span.
 */
export class WindowWalk {
  readonly spans: SpanDraft[] = [];
  readonly #keys: WalkKeys;
  readonly #logs: WindowLogs;
  readonly #window: FlowWindow;
  readonly #places: WalkPlaces;
  readonly #spanIds: SpanIdentifiers;
  readonly #scrape: number;
  #request = 0;
  #drawn = 0;
  #traceId = '';
  /** How the latest operation or call ended; an out parameter of the recursion. */
  #failed = false;
  #latestEndMs = 0;
  readonly #next = (): number => this.#draw();

  constructor(options: {
    keys: WalkKeys;
    logs: WindowLogs;
    window: FlowWindow;
    conditions: Conditions;
    identities: PodIdentities;
    scrape: number;
  }) {
    this.#keys = options.keys;
    this.#logs = options.logs;
    this.#window = options.window;
    this.#places = new WalkPlaces(options);
    this.#spanIds = new SpanIdentifiers(options.keys.spans, options.scrape);
    this.#scrape = options.scrape;
  }

  /** Walks `count` requests, journeys by their share of the rate, ending evenly over the window. */
  walkMany(journeys: readonly WalkJourney[], count: number): void {
    const { fromMs, untilMs } = this.#window;
    const rates = journeys.map(
      ({ spec }) => this.#window.journeys.find((j) => j.journey === spec.name)?.offeredPerSec ?? 0,
    );
    const total = rates.reduce((sum, rate) => sum + rate, 0);
    if (total <= 0) return;
    for (let i = 0; i < count; i += 1) {
      this.#begin(i);
      let rest = this.#draw() * total;
      let choice = 0;
      while (choice < rates.length - 1 && rest >= (rates[choice] as number)) {
        rest -= rates[choice] as number;
        choice += 1;
      }
      const end = fromMs + ((i + this.#draw()) / count) * (untilMs - fromMs);
      this.#walk(journeys[choice] as WalkJourney, end);
    }
  }

  /** Walks one request that ends at `endMs`; `number`, below 4,096, addresses its draws. */
  walkOne(journey: WalkJourney, options: { number: number; endMs: number }): WalkOutcome {
    this.#begin(options.number);
    return this.#walk(journey, options.endMs);
  }

  #begin(number: number): void {
    this.#request = (this.#scrape * requestsPerScrapeMax + number) >>> 0;
    this.#drawn = 0;
  }

  #draw(): number {
    this.#drawn += 1;
    return uniformAt(this.#keys.draws, this.#request, this.#drawn);
  }

  #walk({ spec, operation }: WalkJourney, endMs: number): WalkOutcome {
    const firstSpan = this.spans.length;
    const firstLog = this.#logs.length;
    let elapsed = 0;
    let failed = true;
    this.#latestEndMs = 0;
    for (let attempt = 0; attempt <= spec.retries && failed; attempt += 1) {
      // Users carry no trace context: every attempt of theirs is a trace of its own.
      this.#traceId = traceIdAt(this.#keys.traces, this.#request, attempt);
      const target = this.#pick(this.#places.targets('user', operation.service));
      if (!target || target.flow.refused) {
        elapsed += target ? Math.max(target.flow.networkMs, refusalMs) : refusalMs;
      } else if (!target.flow.reachable) {
        elapsed += spec.timeoutMs;
      } else {
        const { networkMs } = target.flow;
        const servedMs = this.#serve(operation, target, elapsed + networkMs / 2, null);
        const tookMs = servedMs + networkMs;
        failed = this.#failed || tookMs > spec.timeoutMs;
        elapsed += Math.min(tookMs, spec.timeoutMs);
      }
    }
    this.#latestEndMs = Math.max(this.#latestEndMs, elapsed);
    this.#settle(firstSpan, firstLog, endMs - this.#latestEndMs);
    return { durationMs: elapsed, failed };
  }

  /** Places a finished walk in time, to the microsecond, and loses what gets lost on the way. */
  #settle(firstSpan: number, firstLog: number, offsetMs: number): void {
    const { spans } = this;
    this.#logs.shift(firstLog, offsetMs);
    const isLossy = this.#draw() < lossyTraceShare;
    let kept = firstSpan;
    for (let i = firstSpan; i < spans.length; i += 1) {
      const span = spans[i] as SpanDraft;
      span.startMs = Math.round((span.startMs + offsetMs) * 1000) / 1000;
      span.durationMs = Math.round(span.durationMs * 1000) / 1000;
      if (isLossy && this.#draw() < lostSpanShare) continue;
      spans[kept] = span;
      kept += 1;
    }
    spans.length = kept;
  }

  /** One operation on one pod; returns how long it took and leaves its outcome in `#failed`. */
  #serve(
    operation: WalkOperation,
    target: WalkTarget,
    startMs: number,
    parentSpanId: string | null,
  ): number {
    const flow = target.pod.operation(operation);
    const drawnMs = sampleLatencyMs(flow.ownLatency, this.#draw());
    const fate = this.#draw();
    const ownError = fate < flow.ownErrorRatio;
    const isRejected = fate < flow.rejectRatio;
    const ownMs = isRejected ? 0 : drawnMs;
    const span = this.#open(target, 'server', operation, startMs, parentSpanId);
    if (operation.spec.category === 'cpu') this.#addCpuSpan(target, operation, span, ownMs);
    let now = startMs + ownMs;
    let failed = ownError;
    for (let i = 0; i < operation.calls.length && !failed; i += 1) {
      const call = operation.calls[i] as WalkCall;
      let times = call.sureCount;
      if (call.furtherChance > 0 && this.#draw() < call.furtherChance) times += 1;
      for (; times > 0 && !failed; times -= 1) {
        now += this.#call(call, target, now, span.spanId);
        failed = this.#failed && !call.spec.optional;
      }
    }
    span.durationMs = now - startMs;
    if (now > this.#latestEndMs) this.#latestEndMs = now;
    this.#failed = failed;
    if (failed) {
      span.status = 'error';
      span.attributes = { ...span.attributes, 'error.type': isRejected ? '503' : '500' };
    }
    const served = { operation, target, ownError, isRejected };
    logServed(this.#logs, served, span, this.#next);
    return span.durationMs;
  }

  /** One call with its retries; returns how long it took and leaves its outcome in `#failed`. */
  #call(call: WalkCall, caller: WalkTarget, startMs: number, parentSpanId: string): number {
    const { spec } = call;
    let elapsed = 0;
    for (let attempt = 0; attempt <= spec.retries; attempt += 1) {
      const targets = this.#places.targets(caller.pod.zone, call.target.service);
      const target = this.#pick(targets);
      const span = this.#open(caller, 'client', call.target, startMs + elapsed, parentSpanId);
      const failure = target
        ? this.#attempt(call, target, startMs + elapsed, span)
        : notSent(targets, span);
      elapsed += span.durationMs;
      span.attributes = clientAttributes(call, failure, attempt);
      if (failure) {
        span.status = 'error';
        const isLast = attempt === spec.retries;
        logCallFailed(this.#logs, { failure, call, caller, target, isLast }, span);
      } else {
        this.#failed = false;
        return elapsed;
      }
    }
    this.#failed = true;
    return elapsed;
  }

  /** One attempt of a call; sets the client span's duration. */
  #attempt(
    call: WalkCall,
    target: WalkTarget,
    startMs: number,
    span: SpanDraft,
  ): CallFailure | null {
    const { timeoutMs } = call.spec;
    const { refused, reachable, networkMs } = target.flow;
    if (refused) {
      span.durationMs = Math.max(networkMs, refusalMs);
      return 'refused';
    }
    if (!reachable) {
      span.durationMs = timeoutMs;
      return 'timeout';
    }
    const tookMs =
      networkMs + this.#serve(call.target, target, startMs + networkMs / 2, span.spanId);
    span.durationMs = Math.min(tookMs, timeoutMs);
    if (tookMs > timeoutMs) return 'deadline';
    return this.#failed ? 'upstream_error' : null;
  }

  /** A long CPU section shows as a span of its own inside the server span. */
  #addCpuSpan(
    target: WalkTarget,
    operation: WalkOperation,
    parent: SpanDraft,
    ownMs: number,
  ): void {
    const cpuMs = ownMs * target.pod.operation(operation).cpuShare;
    if (cpuMs < cpuSpanMinMs) return;
    const startMs = parent.startMs + target.pod.identity.clockLagMs;
    const span = this.#open(target, 'internal', operation, startMs, parent.spanId);
    span.durationMs = cpuMs;
    span.attributes = {
      'span.category': 'cpu',
      'cpu.time_ms': Math.round(cpuMs * 1000) / 1000,
    };
  }

  /** A span without an end; those of pods out of the collector's reach exist, but reach nobody. */
  #open(
    { pod }: WalkTarget,
    kind: Span['kind'],
    operation: WalkOperation,
    startMs: number,
    parentSpanId: string | null,
  ): SpanDraft {
    const span: SpanDraft = {
      traceId: this.#traceId,
      spanId: this.#spanIds.next(),
      parentSpanId,
      kind,
      operation: operation.spec.name,
      resource: pod.identity.resource,
      startMs: startMs - pod.identity.clockLagMs,
      durationMs: 0,
      status: 'ok',
      attributes: operation.serverAttributes,
    };
    if (pod.isCollectable) this.spans.push(span);
    return span;
  }

  /** Where an attempt lands; nowhere without endpoints, or when a rate limit stops it. */
  #pick(targets: readonly WalkTarget[]): WalkTarget | undefined {
    if (targets.length === 0) return undefined;
    let rest = this.#draw();
    for (const target of targets) {
      rest -= target.flow.share;
      if (rest < 0) return target;
    }
    // Without a limit, shares sum to one up to rounding.
    return rest < 1e-9 ? targets.findLast((target) => target.flow.share > 0) : undefined;
  }
}
