import type { Span } from '../../core/observable/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { poissonSurprise } from '../tails/poisson-surprise.ts';
import { surpriseOfBest } from '../tails/surprises.ts';
import { isSection, type Trace } from './assemble-traces.ts';
import { LatencySketch } from './latency-sketch.ts';
import { nameOf } from './structure-hash.ts';
import {
  type TraceAnomaly,
  type TraceDetector,
  type TraceWindow,
  traceThreshold,
} from './trace-detector.ts';

/** The share of an operation's times that counts as slow. */
const slowShare = 0.05;
const slowSurprise = -Math.log10(slowShare);
/** Times of an operation before there is an opinion on it. */
const timesMin = 500;

/** What a window holds of one operation. */
interface Times {
  readonly service: string;
  count: number;
  slow: number;
  slowest: number;
  slowestMs: number;
  traceId: string;
}

/**
 * Alarms on operations whose own time is longer than it was: one time far out in its tail, or too
 * many of the slowest twentieth. Callees' time does not count, so a slow leaf does not light up its
 * callers. Blind to operations that became faster, and to shifts slower than its memory of 10,000
 * times. Unready before 500 times of an operation. O(spans) per window.
 */
export class SelfTimeDetector implements TraceDetector {
  readonly name = 'self_time';
  readonly threshold: number;
  readonly #sketch = new LatencySketch();

  constructor({ threshold = traceThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score({ traces }: TraceWindow): readonly TraceAnomaly[] {
    const operations = new Map<string, Times>();
    for (const trace of traces) this.#count(trace, operations);
    const anomalies: TraceAnomaly[] = [];
    for (const [operation, times] of operations) {
      const { service, count, slow, slowest, slowestMs: value, traceId } = times;
      const expectedSlow = slowShare * count;
      const many = slow > expectedSlow ? poissonSurprise(slow, expectedSlow) : 0;
      const score = surpriseOfBest(Math.max(many, surpriseOfBest(slowest, count)), 2);
      if (score < this.threshold) continue;
      const expected = this.#sketch.quantile(operation, 0.5);
      anomalies.push({ service, operation, score, value, expected, traceId });
    }
    return anomalies;
  }

  learn({ traces }: TraceWindow): void {
    for (const { spans, selfMs } of traces) {
      for (let i = 0; i < spans.length; i += 1) {
        const span = spans[i] as Span;
        if (!isSection(span)) this.#sketch.learn(nameOf(span), selfMs[i] as number);
      }
    }
  }

  writeState(writer: StateWriter): void {
    this.#sketch.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#sketch.readState(reader);
  }

  #count({ traceId, spans, selfMs }: Trace, operations: Map<string, Times>): void {
    for (let i = 0; i < spans.length; i += 1) {
      const span = spans[i] as Span;
      if (isSection(span)) continue;
      const operation = nameOf(span);
      const ms = selfMs[i] as number;
      if (this.#sketch.count(operation) < timesMin) continue;
      const surprise = this.#sketch.surprise(operation, ms);
      let times = operations.get(operation);
      if (times === undefined) {
        const { service } = span.resource;
        times = { service, count: 0, slow: 0, slowest: -1, slowestMs: 0, traceId };
        operations.set(operation, times);
      }
      times.count += 1;
      if (surprise >= slowSurprise) times.slow += 1;
      if (surprise <= times.slowest) continue;
      times.slowest = surprise;
      times.slowestMs = ms;
      times.traceId = traceId;
    }
  }
}
