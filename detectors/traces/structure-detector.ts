import type { Span } from '../../core/observable/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { poissonSurprise } from '../tails/poisson-surprise.ts';
import type { Trace } from './assemble-traces.ts';
import { nameOf, structureHash } from './structure-hash.ts';
import {
  type TraceAnomaly,
  type TraceDetector,
  type TraceWindow,
  traceThreshold,
} from './trace-detector.ts';

const rootsMax = 256;
const shapesMax = 128;
/** Traces of a kind of request before there is an opinion on their shapes. */
const tracesMin = 200;
/** A shape is gone for good, and no alarm any more, at so many times the threshold. */
const goneAfter = 3;

/** How often one shape was seen, and how many of its kind of request went by since without it. */
interface Shape {
  readonly hash: number;
  count: number;
  missed: number;
}

/** The shapes of one kind of request. */
interface Kind {
  readonly service: string;
  traces: number;
  readonly shapes: Map<number, Shape>;
}

/**
 * Alarms on trees of calls that a kind of request never had, in the light of how often it has new
 * ones anyway (Good and Turing: shapes seen once over traces seen), and on shapes that stopped: a
 * share q of the requests is missed in n of them with the chance (1 - q)^n. Broken traces have no
 * shape. At most 256 kinds of 128 shapes, the rarest forgotten. O(spans) per window.
 */
export class StructureDetector implements TraceDetector {
  readonly name = 'structure';
  readonly threshold: number;
  #kinds = new Map<string, Kind>();

  constructor({ threshold = traceThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: TraceWindow): readonly TraceAnomaly[] {
    const anomalies: TraceAnomaly[] = [];
    for (const [operation, traces] of byKind(window.traces)) {
      const kind = this.#kinds.get(operation);
      if (kind === undefined || kind.traces < tracesMin) continue;
      const hashes = traces.map(structureHash);
      this.#findNew({ operation, kind, hashes, traces }, anomalies);
      this.#findVanished({ operation, kind, hashes }, anomalies);
    }
    return anomalies;
  }

  learn(window: TraceWindow): void {
    for (const [operation, traces] of byKind(window.traces)) {
      const { service } = rootOf(traces[0] as Trace).resource;
      let kind = this.#kinds.get(operation);
      if (kind === undefined) {
        kind = { service, traces: 0, shapes: new Map() };
        if (this.#kinds.size >= rootsMax) dropLeast(this.#kinds, ({ traces: count }) => count);
        this.#kinds.set(operation, kind);
      }
      this.#learnKind(kind, traces.map(structureHash));
    }
  }

  writeState(writer: StateWriter): void {
    writer.plain(
      [...this.#kinds].map(([operation, { service, traces, shapes }]) => {
        const told = [...shapes.values()].map(({ hash, count, missed }) => [hash, count, missed]);
        return { operation, service, traces, shapes: told };
      }),
    );
  }

  readState(reader: StateReader): void {
    const kinds =
      reader.plain<
        { operation: string; service: string; traces: number; shapes: [number, number, number][] }[]
      >();
    this.#kinds = new Map(
      kinds.map(({ operation, service, traces, shapes }) => {
        const known = shapes.map(([hash, count, missed]): [number, Shape] => [
          hash,
          { hash, count, missed },
        ]);
        return [operation, { service, traces, shapes: new Map(known) }];
      }),
    );
  }

  #findNew(
    {
      operation,
      kind,
      hashes,
      traces,
    }: { operation: string; kind: Kind; hashes: readonly number[]; traces: readonly Trace[] },
    anomalies: TraceAnomaly[],
  ): void {
    const first = hashes.findIndex((hash) => !kind.shapes.has(hash));
    if (first < 0) return;
    const value = new Set(hashes.filter((hash) => !kind.shapes.has(hash))).size;
    let once = 0;
    for (const { count } of kind.shapes.values()) if (count === 1) once += 1;
    const expected = ((once + 1) / (kind.traces + 1)) * hashes.length;
    const fresh = hashes.filter((hash) => !kind.shapes.has(hash)).length;
    const score = fresh > expected ? poissonSurprise(fresh, expected) : 0;
    if (score < this.threshold) return;
    const { service } = kind;
    const { traceId } = traces[first] as Trace;
    anomalies.push({ service, operation, score, value, expected, traceId });
  }

  #findVanished(
    { operation, kind, hashes }: { operation: string; kind: Kind; hashes: readonly number[] },
    anomalies: TraceAnomaly[],
  ): void {
    const seen = new Set(hashes);
    for (const shape of kind.shapes.values()) {
      if (seen.has(shape.hash)) continue;
      const share = shape.count / kind.traces;
      const missed = shape.missed + hashes.length;
      const score = -missed * Math.log10(1 - Math.min(share, 0.999));
      if (score < this.threshold || score > goneAfter * this.threshold) continue;
      const { service } = kind;
      anomalies.push({
        service,
        operation,
        score,
        value: 0,
        expected: share * missed,
        traceId: null,
      });
    }
  }

  #learnKind(kind: Kind, hashes: readonly number[]): void {
    for (const shape of kind.shapes.values()) shape.missed += hashes.length;
    for (const hash of hashes) {
      kind.traces += 1;
      const shape = kind.shapes.get(hash);
      if (shape !== undefined) {
        shape.count += 1;
        shape.missed = 0;
        continue;
      }
      if (kind.shapes.size >= shapesMax) dropLeast(kind.shapes, ({ count }) => count);
      kind.shapes.set(hash, { hash, count: 1, missed: 0 });
    }
  }
}

function rootOf({ spans, root }: Trace): Span {
  return spans[root] as Span;
}

/** Whole traces by what was asked for. */
function byKind(traces: readonly Trace[]): Map<string, Trace[]> {
  const whole = traces.filter(({ isBroken, spans }) => !isBroken && spans.length > 0);
  return Map.groupBy(whole, (trace) => nameOf(rootOf(trace)));
}

/** Forgets the entry with the smallest count, the oldest of several. */
function dropLeast<Value>(entries: Map<unknown, Value>, countOf: (value: Value) => number): void {
  let least: unknown = null;
  let count = Number.POSITIVE_INFINITY;
  for (const [key, value] of entries) {
    if (countOf(value) >= count) continue;
    count = countOf(value);
    least = key;
  }
  entries.delete(least);
}
