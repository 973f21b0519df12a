import type { Span } from '../../core/observable/index.ts';
import type { Cause } from '../../core/truth/index.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow, TargetFlow } from '../data-plane/flow-state.ts';
import type { CallPractice } from '../data-plane/impair-sight.ts';
import { sampleLatencyMs } from '../data-plane/latency-law.ts';
import { failureOf, slowStatement } from './cause-messages.ts';
import type { CallFailure } from './log-messages.ts';
import type { PodIdentities } from './pod-identity.ts';
import { SpanIdentifiers, traceIdAt } from './span-identifiers.ts';
import {
  clientAttributes,
  cross,
  missed,
  notSent,
  refusalMs,
  type SpanDraft,
  unhindered,
} from './walk-attempts.ts';
import { WalkDraws } from './walk-draws.ts';
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
  readonly #draws: WalkDraws;
  #traceId = '';
  /** How the latest operation or call ended; an out parameter of the recursion. */
  #failed = false;
  #latestEndMs = 0;

  constructor(options: {
    keys: WalkKeys;
    logs: WindowLogs;
    window: FlowWindow;
    conditions: Conditions;
    identities: PodIdentities;
    scrape: number;
    isPaired?: boolean;
  }) {
    this.#keys = options.keys;
    this.#logs = options.logs;
    this.#window = options.window;
    this.#places = new WalkPlaces(options);
    this.#spanIds = new SpanIdentifiers(options.keys.spans, options.scrape);
    this.#scrape = options.scrape;
    this.#draws = new WalkDraws(options.keys.draws, { isPaired: options.isPaired ?? false });
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
    this.#draws.begin((this.#scrape * requestsPerScrapeMax + number) >>> 0);
  }

  #draw(): number {
    return this.#draws.next();
  }

  #walk({ spec, operation, link }: WalkJourney, endMs: number): WalkOutcome {
    const firstSpan = this.spans.length;
    const firstLog = this.#logs.length;
    let elapsed = 0;
    let failed = true;
    this.#latestEndMs = 0;
    for (let attempt = 0; attempt <= spec.retries && failed; attempt += 1) {
      // Users carry no trace context: every attempt of theirs is a trace of its own.
      this.#traceId = traceIdAt(this.#keys.traces, this.#draws.request, attempt);
      const route = this.#places.route('user', null, operation.service);
      const target = this.#pick(route?.targets ?? this.#places.targets('user', operation.service));
      if (!target && (route?.misses.blocked ?? 0) > 0) elapsed += spec.timeoutMs;
      else if (!target || target.flow.refused) {
        elapsed += target ? Math.max(target.flow.networkMs, refusalMs) : refusalMs;
      } else if (!target.flow.reachable) {
        elapsed += spec.timeoutMs;
      } else {
        const way = this.#places.way('user', null, { target, link });
        const crossing = way === null ? unhindered : cross(way, this.#draws.nextExtra);
        if (crossing.end !== null) {
          elapsed += crossing.end === 'cut' ? spec.timeoutMs : refusalMs;
          continue;
        }
        const networkMs = target.flow.networkMs + crossing.addedMs;
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
    const { wrong } = flow;
    const hangs =
      wrong !== null && wrong.stallShare > 0 && this.#draws.nextExtra() < wrong.stallShare;
    const ownMs = isRejected ? 0 : drawnMs + (hangs ? wrong.stallMs : 0);
    const span = this.#open(target, 'server', operation, startMs, parentSpanId);
    if (operation.spec.category === 'cpu') this.#addCpuSpan(target, operation, span, ownMs);
    let now = startMs + ownMs;
    let failed = ownError;
    for (let i = 0; i < operation.calls.length && !failed; i += 1) {
      const call = operation.calls[i] as WalkCall;
      const { count } = this.#policy(call);
      let times = Math.floor(count);
      if (count > times && this.#draw() < count - times) times += 1;
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
    if (wrong !== null) this.#noteSlowStatement(wrong.cause, { operation, target, ownMs }, span);
    const served = { operation, target, ownError, isRejected };
    logServed(this.#logs, served, span, this.#draws.next);
    return span.durationMs;
  }

  /** One call with its retries; returns how long it took and leaves its outcome in `#failed`. */
  #call(call: WalkCall, caller: WalkTarget, startMs: number, parentSpanId: string): number {
    const { retries, timeoutMs } = this.#policy(call);
    let elapsed = 0;
    for (let attempt = 0; attempt <= retries; attempt += 1) {
      const { zone } = caller.pod;
      const from = caller.pod.identity.resource.service;
      const route = this.#places.route(zone, from, call.target.service);
      const targets = route?.targets ?? this.#places.targets(zone, call.target.service);
      const target = this.#pick(targets);
      const span = this.#open(caller, 'client', call.target, startMs + elapsed, parentSpanId);
      const failure = target
        ? this.#attempt({ call, caller, target }, startMs + elapsed, span)
        : route
          ? missed(route, span, { u: this.#draw(), timeoutMs })
          : notSent(targets, span);
      elapsed += span.durationMs;
      span.attributes = clientAttributes(call, failure, attempt);
      if (failure) {
        span.status = 'error';
        const isLast = attempt === retries;
        logCallFailed(this.#logs, { failure, call, caller, target, isLast }, span);
      } else {
        this.#failed = false;
        return elapsed;
      }
    }
    this.#failed = true;
    return elapsed;
  }

  /** How often and how patiently a call is made: as its spec, a policy or what is wrong has it. */
  #policy(call: WalkCall): CallPractice {
    const { impairs, retriesTo } = this.#window;
    if (impairs) return impairs.policy(call.link);
    const retries = retriesTo?.get(call.target.service.spec.name);
    return retries === undefined ? call.spec : { ...call.spec, retries };
  }

  /** One attempt of a call; sets the client span's duration. */
  #attempt(
    { call, caller, target }: { call: WalkCall; caller: WalkTarget; target: WalkTarget },
    startMs: number,
    span: SpanDraft,
  ): CallFailure | null {
    const { timeoutMs } = this.#policy(call);
    const way = this.#places.way(caller.pod.zone, caller, { target, link: call.link });
    const crossing = way === null ? unhindered : cross(way, this.#draws.nextExtra);
    if (crossing.end !== null) {
      span.durationMs = crossing.end === 'cut' ? timeoutMs : refusalMs;
      return crossing.end === 'cut' ? 'timeout' : failureOf(way?.cause ?? null);
    }
    const { refused, reachable } = target.flow;
    const networkMs = target.flow.networkMs + crossing.addedMs;
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

  /** Stores name the statements that take long, with an identifier that spans carry, too. */
  #noteSlowStatement(
    cause: Cause,
    { operation, target, ownMs }: { operation: WalkOperation; target: WalkTarget; ownMs: number },
    span: SpanDraft,
  ): void {
    if (operation.service.spec.kind !== 'datastore') return;
    const slow = slowStatement(cause, operation, ownMs);
    if (slow === null) return;
    span.attributes = { ...span.attributes, 'db.query.id': slow.id };
    if (!target.pod.isCollectable) return;
    const { identity } = target.pod;
    const atMs = span.startMs + identity.clockLagMs + ownMs;
    this.#logs.add(identity, { severity: 'WARN', atMs, body: slow.body }, span);
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
  #pick(targets: readonly TargetFlow[]): WalkTarget | undefined {
    if (targets.length === 0) return undefined;
    let rest = this.#draw();
    for (const target of targets) {
      rest -= target.share;
      if (rest < 0) return this.#places.at(target);
    }
    // Without a limit, shares sum to one up to rounding.
    const last = rest < 1e-9 ? targets.findLast(({ share }) => share > 0) : undefined;
    return last && this.#places.at(last);
  }
}
