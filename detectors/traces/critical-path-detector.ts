import type { Span } from '../../core/observable/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { normalSurprise } from '../tails/surprises.ts';
import { peerOf } from './assemble-traces.ts';
import { criticalTimes } from './critical-path.ts';
import { nameOf } from './structure-hash.ts';
import {
  type TraceAnomaly,
  type TraceDetector,
  type TraceWindow,
  traceThreshold,
} from './trace-detector.ts';

/** Windows of a kind of request before there is an opinion on it: ten minutes of scrapes. */
const windowsMin = 40;
/** Windows that are remembered; older ones fade. */
const memoryWindows = 240;
const pairsMax = 4096;
/** Deviations are at least this share of the mean: windows that are all alike make no cliffs. */
const leastSpread = 0.05;

/** A service's part in one kind of request: mean and variance of ln(1 + ms per trace). */
interface Part {
  readonly service: string;
  readonly operation: string;
  windows: number;
  mean: number;
  variance: number;
}

/** What a window says of a pair: critical ms, traces, and the trace where it is longest. */
interface Seen {
  readonly service: string;
  readonly operation: string;
  sumMs: number;
  mostMs: number;
  traceId: string;
}

/**
 * Alarms on services that hold up a kind of request for longer than they did: the time on the
 * critical path, which concurrent calls share once, per trace of that kind. Names whom the time was
 * really spent in, the network to a service counting as the service. Blind to failures that answer
 * fast; windows of few traces vary and say little. O(spans) per window, at most 4,096 pairs.
 */
export class CriticalPathDetector implements TraceDetector {
  readonly name = 'critical_path';
  readonly threshold: number;
  #parts = new Map<string, Part>();

  constructor({ threshold = traceThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: TraceWindow): readonly TraceAnomaly[] {
    const anomalies: TraceAnomaly[] = [];
    const { pairs, traces } = spentIn(window);
    for (const [key, { service, operation, sumMs, traceId }] of pairs) {
      const part = this.#parts.get(key);
      if (part === undefined || part.windows < windowsMin) continue;
      const value = sumMs / (traces.get(operation) as number);
      const spread = Math.max(Math.sqrt(part.variance), leastSpread * part.mean, 1e-6);
      const score = normalSurprise((Math.log1p(value) - part.mean) / spread);
      if (score < this.threshold) continue;
      const expected = Math.expm1(part.mean);
      anomalies.push({ service, operation, score, value, expected, traceId });
    }
    return anomalies;
  }

  learn(window: TraceWindow): void {
    const { pairs, traces } = spentIn(window);
    for (const [key, { service, operation, sumMs }] of pairs) {
      let part = this.#parts.get(key);
      if (part === undefined) {
        if (this.#parts.size >= pairsMax) continue;
        part = { service, operation, windows: 0, mean: 0, variance: 0 };
        this.#parts.set(key, part);
      }
      const change = Math.log1p(sumMs / (traces.get(operation) as number)) - part.mean;
      part.windows += 1;
      const rate = 1 / Math.min(part.windows, memoryWindows);
      part.mean += rate * change;
      part.variance = (1 - rate) * (part.variance + rate * change * change);
    }
  }

  writeState(writer: StateWriter): void {
    writer.plain([...this.#parts].map(([key, part]) => ({ key, ...part })));
  }

  readState(reader: StateReader): void {
    const parts = reader.plain<({ key: string } & Part)[]>();
    this.#parts = new Map(parts.map(({ key, ...part }) => [key, part]));
  }
}

/** Critical time by kind of request and service, and traces by kind of request. */
function spentIn({ traces }: TraceWindow): {
  pairs: Map<string, Seen>;
  traces: Map<string, number>;
} {
  const pairs = new Map<string, Seen>();
  const counts = new Map<string, number>();
  for (const trace of traces) {
    if (trace.isBroken || trace.spans.length === 0) continue;
    const operation = nameOf(trace.spans[trace.root] as Span);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    const times = criticalTimes(trace);
    for (let i = 0; i < times.length; i += 1) {
      const ms = times[i] as number;
      if (ms <= 0) continue;
      const span = trace.spans[i] as Span;
      const service = span.kind === 'client' ? peerOf(span) : span.resource.service;
      const key = `${operation} ${service}`;
      let seen = pairs.get(key);
      if (seen === undefined) {
        seen = { service, operation, sumMs: 0, mostMs: 0, traceId: trace.traceId };
        pairs.set(key, seen);
      }
      seen.sumMs += ms;
      if (ms <= seen.mostMs) continue;
      seen.mostMs = ms;
      seen.traceId = trace.traceId;
    }
  }
  return { pairs, traces: counts };
}
