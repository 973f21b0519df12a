import type { MetricsFrame, SeriesDescriptor } from '../../../core/observable/index.ts';
import { isSignalName, signalSpec } from '../../../core/observable/index.ts';
import {
  createPointDetector,
  type PointDetector,
  pooledSurprise,
  SeriesEnsemble,
} from '../../../detectors/index.ts';
import { describeTopology, loadTopology } from '../../../scenarios/index.ts';
import { createTwin } from '../../../sim/index.ts';
import { Survival } from './survival.ts';

const warmUpMs = 1_200_000;
const hourMs = 3_600_000;
/** Values of a column before its scores count: an hour at one every 15 s. */
const countsFrom = 240;
/** Changes of a column before its scores count: what never moves has no law to be rare by. */
const countsFromMoves = 60;
/** Univariate methods listen to every so many columns. */
const sampledEvery = 10;

/** The fused score of own series, before the pooled tail and after it. */
export const fusedBefore = 'fused, not pooled';
export const fusedPooled = 'fused';

/** Scores of one method on healthy worlds. */
export interface Heard {
  readonly survival: Survival;
  /** Per series: values, and those of a surprise of 3 and more, and of 5 and more. */
  readonly values: number[];
  readonly rare: number[];
  readonly rarest: number[];
}

export interface ListenOptions {
  readonly topology: string;
  readonly seed: number;
  readonly hours: number;
  /** Univariate methods that listen, too. */
  readonly methods: readonly string[];
}

/**
 * Plays a healthy world and takes down how surprising each method and the fused score find its
 * values.
 */
export async function listen(options: ListenOptions): Promise<ReadonlyMap<string, Heard>> {
  const { topology, seed, hours, methods } = options;
  const spec = loadTopology(topology);
  const described = describeTopology(spec);
  const twin = createTwin({
    spec,
    topology: described,
    seed,
    startMs: -warmUpMs,
    telemetry: true,
  });
  const listener = new Listener(methods);
  while (twin.nowMs < hours * hourMs) {
    const { frames } = await twin.advance(twin.nowMs + twin.scrapeIntervalMs);
    for (const frame of frames) listener.hear(frame);
  }
  return listener.heard;
}

class Listener {
  readonly heard = new Map<string, Heard>();
  readonly #methods: readonly string[];
  readonly #ensemble = new SeriesEnsemble();
  readonly #points = new Map<string, PointDetector>();
  readonly #isHeard: boolean[] = [];
  readonly #last: number[] = [];
  readonly #moves: number[] = [];

  constructor(methods: readonly string[]) {
    this.#methods = methods;
  }

  hear({ atMs, values, index }: MetricsFrame): void {
    this.#ensemble.grow(values.length);
    this.#ensemble.moveTo(atMs);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]!;
      this.#isHeard[i] ??= isMeasured(index.series[i]!);
      if (Number.isNaN(value) || !this.#isHeard[i]) continue;
      const moves = (this.#moves[i] ?? 0) + (value === this.#last[i] ? 0 : 1);
      const counts = this.#ensemble.count(i) >= countsFrom && moves > countsFromMoves;
      this.#last[i] = value;
      this.#moves[i] = moves;
      if (counts) this.#takeDown(i, value);
      this.#ensemble.learn(i, value);
      if (i % sampledEvery === 0) this.#hearPoints({ column: i, value, atMs, counts });
    }
  }

  #takeDown(column: number, value: number): void {
    const raw = this.#ensemble.surprise(column, value);
    const fused = this.#ensemble.predictiveSurprise(column, raw);
    this.#add(fusedBefore, column, fused);
    this.#add(fusedPooled, column, pooledSurprise(fused));
  }

  #hearPoints(one: { column: number; value: number; atMs: number; counts: boolean }): void {
    const { column, value, atMs, counts } = one;
    for (const method of this.#methods) {
      const key = `${method} ${column}`;
      const known = this.#points.get(key);
      const detector = known ?? createPointDetector(method);
      if (!known) this.#points.set(key, detector);
      const { score } = detector.score(value, atMs);
      if (counts && !Number.isNaN(score)) this.#add(method, column, score);
      detector.learn(value, atMs);
    }
  }

  #add(name: string, column: number, score: number): void {
    let heard = this.heard.get(name);
    if (!heard) {
      heard = { survival: new Survival(), values: [], rare: [], rarest: [] };
      this.heard.set(name, heard);
    }
    heard.survival.add(score);
    heard.values[column] = (heard.values[column] ?? 0) + 1;
    heard.rare[column] = (heard.rare[column] ?? 0) + (score >= 3 ? 1 : 0);
    heard.rarest[column] = (heard.rarest[column] ?? 0) + (score >= 5 ? 1 : 0);
  }
}

/** Numbers that vary: not what is only ever counted up, nor what says that something is there. */
function isMeasured({ signal }: SeriesDescriptor): boolean {
  if (signal.endsWith('_total')) return false;
  return !isSignalName(signal) || signalSpec(signal).role !== 'state';
}
