import type { Span } from '../../core/observable/index.ts';
import { assembleTraces } from './assemble-traces.ts';
import { CriticalPathDetector } from './critical-path-detector.ts';
import { SelfTimeDetector } from './self-time-detector.ts';
import { StructureDetector } from './structure-detector.ts';
import type { TraceAnomaly, TraceDetector } from './trace-detector.ts';

/** All trace detectors, fresh ones, in the order of their reports. */
export function createTraceDetectors(): readonly TraceDetector[] {
  return [new SelfTimeDetector(), new StructureDetector(), new CriticalPathDetector()];
}

/** What a detector said of an operation over a run. */
export interface TraceAlarm {
  readonly detector: string;
  readonly firstAtMs: number;
  readonly windows: number;
  /** The strongest. */
  readonly anomaly: TraceAnomaly;
}

/**
 * Runs all trace detectors over a stream of spans, and keeps one alarm per operation and service.
 */
export class TraceWatch {
  readonly #detectors = createTraceDetectors();
  readonly #recorders = new Set<string>();
  readonly #alarms = new Map<string, TraceAlarm>();

  /** In order of first appearance. */
  get alarms(): readonly TraceAlarm[] {
    return [...this.#alarms.values()];
  }

  observe(untilMs: number, spans: readonly Span[]): void {
    const window = { untilMs, traces: assembleTraces(spans, this.#recorders) };
    for (const detector of this.#detectors) {
      for (const anomaly of detector.score(window)) this.#note(detector.name, untilMs, anomaly);
      detector.learn(window);
    }
  }

  #note(detector: string, atMs: number, anomaly: TraceAnomaly): void {
    const key = `${detector} ${anomaly.service} ${anomaly.operation}`;
    const known = this.#alarms.get(key);
    const isStronger = known === undefined || anomaly.score > known.anomaly.score;
    this.#alarms.set(key, {
      detector,
      firstAtMs: known?.firstAtMs ?? atMs,
      windows: (known?.windows ?? 0) + 1,
      anomaly: isStronger ? anomaly : known.anomaly,
    });
  }
}
