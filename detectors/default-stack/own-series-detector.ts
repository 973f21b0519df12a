import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
  SeriesDescriptor,
} from '../../core/observable/index.ts';
import { isSignalName } from '../../core/observable/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ScoreBuffers } from '../score-buffers.ts';
import { RecordPeak } from '../series/record-peak.ts';
import { SeriesEnsemble } from '../series/series-ensemble.ts';
import { adjustForTests } from '../tails/false-discoveries.ts';
import { DefaultStack } from './default-stack.ts';

/**
 * What a single series must reach, in -log10 p of the rarest of the ensemble's views; and the
 * findings of a tick, in -log10 of their share of false ones.
 */
const surpriseMin = 4.5;

const stateVersion = 3;
/** A state whose parts were laid out otherwise would be read one field off. */
const partVersions = { ...DefaultStack.stateVersions, ensemble: SeriesEnsemble.stateVersion };

/**
 * The default stack on series that may be anything: signals of the catalogue go to the stack as it
 * is, every other series to its surprise alone, since nobody knows which of them users feel. Among
 * ten times as many series one needs ten times as rare a value; several at once need less each
 * (Benjamini and Hochberg 1995). So alarms do not grow with the series. Costs per value what the
 * two cost.
 */
export class OwnSeriesDetector implements Detector, Checkpointed, StatePart {
  readonly name: string;
  readonly threshold: number = 1;
  readonly #stack: DefaultStack;
  readonly #buffers = new ScoreBuffers();
  /** The columns of catalogue signals, which the stack sees as a frame of their own. */
  #known: number[] = [];
  readonly #knownSeries: SeriesDescriptor[] = [];
  /** The other columns, how rare their values are, and what was the rarest of late. */
  #others: number[] = [];
  readonly #ensemble = new SeriesEnsemble();
  #records: RecordPeak[] = [];
  #columns = 0;
  #knownFrame: MetricsFrame | null = null;
  /** What is rare for its own series, in the present tick. */
  readonly #candidates: { readonly column: number; readonly surprise: number }[] = [];

  constructor(name: string) {
    this.name = name;
    this.#stack = new DefaultStack(name);
  }

  score(frame: MetricsFrame): FrameScores {
    this.#grow(frame);
    const out = this.#buffers.clear(frame.values.length);
    const known = this.#stack.score(this.#knownPart(frame));
    for (let at = 0; at < this.#known.length; at += 1) {
      const column = this.#known[at]!;
      out.scores[column] = known.scores[at]! / this.#stack.threshold;
      out.expected[column] = known.expected[at]!;
      out.zScores[column] = known.zScores[at]!;
    }
    this.#ensemble.moveTo(frame.atMs);
    this.#candidates.length = 0;
    let judged = 0;
    for (let at = 0; at < this.#others.length; at += 1) {
      const column = this.#others[at]!;
      const value = frame.values[column]!;
      const surprise = this.#surprise(at, value);
      if (Number.isNaN(surprise)) continue;
      judged += 1;
      const told = this.#records[at]!.isRecord(surprise) ? surprise : 0;
      const predictive = this.#ensemble.predictiveSurprise(at, told);
      out.scores[column] = predictive;
      if (predictive >= surpriseMin) this.#candidates.push({ column, surprise: predictive });
      const expected = this.#ensemble.expected(at);
      out.expected[column] = expected;
      out.zScores[column] = (value - expected) / this.#ensemble.scale(at);
    }
    this.#compare(out.scores, judged);
    return out;
  }

  /** Surprises as scores, in the light of how many were judged and how many are rare together. */
  #compare(scores: Float64Array, judged: number): void {
    const needed = surpriseMin + Math.log10(Math.max(1, judged));
    for (const column of this.#others) scores[column]! /= needed;
    const candidates = this.#candidates.sort((a, b) => b.surprise - a.surprise);
    const surprises = candidates.map(({ surprise }) => surprise);
    const adjusted = adjustForTests(surprises, judged);
    for (let i = 0; i < candidates.length; i += 1) {
      const { column } = candidates[i]!;
      scores[column] = Math.max(scores[column]!, adjusted[i]! / surpriseMin);
    }
  }

  learn(frame: MetricsFrame): void {
    this.#grow(frame);
    this.#stack.learn(this.#knownPart(frame));
    this.#knownFrame = null;
    this.#ensemble.moveTo(frame.atMs);
    for (let at = 0; at < this.#others.length; at += 1) {
      const column = this.#others[at]!;
      const value = frame.values[column]!;
      if (Number.isNaN(value)) continue;
      const surprise = this.#surprise(at, value);
      if (!Number.isNaN(surprise)) this.#records[at]!.learn(surprise);
      this.#ensemble.learn(at, value);
    }
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#columns);
    writer.array(Int32Array.from(this.#known));
    writer.array(Int32Array.from(this.#others));
    this.#stack.writeState(writer);
    this.#ensemble.writeState(writer);
    for (const record of this.#records) record.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#columns = reader.integer();
    this.#known = [...reader.int32s()];
    this.#knownSeries.length = 0;
    this.#knownFrame = null;
    this.#others = [...reader.int32s()];
    this.#stack.readState(reader);
    this.#ensemble.readState(reader);
    this.#records = this.#others.map(() => new RecordPeak());
    for (const record of this.#records) record.readState(reader);
  }

  get #stateId(): StateId {
    return {
      kind: this.name,
      version: stateVersion,
      settings: { stateVersions: partVersions },
    };
  }

  /** -log10 p of a value; 0 within one deviation of what was expected, whatever a view says. */
  #surprise(at: number, value: number): number {
    const surprise = this.#ensemble.surprise(at, value);
    if (Number.isNaN(surprise)) return surprise;
    const distance = Math.abs(value - this.#ensemble.expected(at));
    return distance < this.#ensemble.scale(at) ? 0 : surprise;
  }

  #grow({ index, values }: MetricsFrame): void {
    for (; this.#columns < values.length; this.#columns += 1) {
      if (isSignalName(index.series[this.#columns]!.signal)) this.#known.push(this.#columns);
      else {
        this.#others.push(this.#columns);
        this.#records.push(new RecordPeak());
      }
    }
    this.#ensemble.grow(this.#others.length);
    // After a restore the descriptors come with the first frame.
    while (this.#knownSeries.length < this.#known.length) {
      this.#knownSeries.push(index.series[this.#known[this.#knownSeries.length]!]!);
    }
  }

  /** The frame of the catalogue's signals; the same object for `score` and `learn` of one frame. */
  #knownPart(frame: MetricsFrame): MetricsFrame {
    const { atMs, values } = frame;
    const part = Float64Array.from(this.#known, (column) => values[column]!);
    const before = this.#knownFrame;
    if (before?.atMs === atMs && before.values.every((value, i) => Object.is(value, part[i]))) {
      if (before.values.length === part.length) return before;
    }
    this.#knownFrame = { atMs, index: { series: this.#knownSeries }, values: part };
    return this.#knownFrame;
  }
}
