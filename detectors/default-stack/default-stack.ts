import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
} from '../../core/observable/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { rangeLength } from '../column-ranges.ts';
import { grown, ScoreBuffers } from '../score-buffers.ts';
import {
  floorOf,
  levelField,
  levelStride,
  recentScale,
  SeriesCore,
} from '../series/series-core.ts';
import { Attention, type AttentionOptions, attentionDefaults } from './attention.ts';
import { ColumnRoles, roleField, roleStride } from './column-roles.ts';
import { MemoryWatch } from './memory-watch.ts';

export interface DefaultStackOptions extends AttentionOptions {
  /** Values of a column before there is an opinion on it. */
  readonly warmUpPoints: number;
  /** Recent standard deviations that count as one unit of strength. */
  readonly deviations: number;
  /** Summed -log10 p that counts as one unit of strength. */
  readonly surprise: number;
  /** Strength at which a single scrape is enough. */
  readonly overwhelming: number;
  /**
   * Alarming scrapes, with few ordinary ones between, after which a symptom, or anything else, is
   * the new norm.
   */
  readonly symptomNormAfter: number;
  readonly contextNormAfter: number;
  /** A climb warns when memory will be full within this many scrapes. */
  readonly memoryHorizonScrapes: number;
}

const defaultStackOptions: DefaultStackOptions = {
  ...attentionDefaults,
  warmUpPoints: 40,
  deviations: 5,
  surprise: 8,
  overwhelming: 3,
  symptomNormAfter: 240,
  contextNormAfter: 40,
  memoryHorizonScrapes: 40,
};

/** Under names of this module: what another exports is looked up for each column. */
const levelsLength = levelStride;
const rowLength = roleStride;
const { count: countAt, recent: recentAt, slow: slowAt } = levelField;
const {
  isCounter: isCounterAt,
  isState: isStateAt,
  isCounted: isCountedAt,
  absolute: absoluteAt,
  relative: relativeAt,
  direction: directionAt,
  isNode: isNodeAt,
} = roleField;

/** Alarming scrapes that one ordinary scrape takes back from a streak. */
const streakForgiveness = 4;

/**
 * The detector of the loop. What users feel opens an incident, everything else is evidence that is
 * told while one is open (see Attention). A column's strength is its deviation in units of the
 * largest of noise, counting error and the effect that would matter, held down by how surprising
 * the value is for that series. Weak strength must last 2 of 3 scrapes; overwhelming strength needs
 * one. Misses slow drift below the effect gates; 0.12 µs per value, 0.5 KB per column.
 */
export class DefaultStack implements Detector, Checkpointed, StatePart {
  /** For the checkpoints of whoever nests it: raised with its fields, or those of a part of it. */
  static readonly stateVersions: { readonly stack: number; readonly seriesCore: number } = {
    stack: 3,
    seriesCore: SeriesCore.stateVersion,
  };
  readonly name: string;
  /** Strength 1 is an alarm. */
  readonly threshold: number = 1;
  readonly #options: DefaultStackOptions;
  readonly #core = new SeriesCore();
  readonly #memory = new MemoryWatch();
  readonly #attention: Attention;
  readonly #columns = new ColumnRoles();
  readonly #buffers = new ScoreBuffers();
  /** Strength of the last two scrapes, and for how many scrapes a column has been alarming. */
  #previous = new Float64Array(0);
  #beforePrevious = new Float64Array(0);
  #streaks = new Float64Array(0);
  #lastAtMs = Number.NaN;
  /** The frame that the next two describe, so that `learn` need not repeat what `score` found. */
  #assessed: MetricsFrame | null = null;
  #strengths = new Float64Array(0);
  /** Columns of a range that need more than the rest of it. */
  readonly #few = new Int32Array(rangeLength);
  /** In how many of its columns memory is about to run out. */
  #filling = 0;
  /** 1 for columns whose values do not say what is usual, since they alarm. */
  #isAlarming = new Uint8Array(0);

  constructor(name: string, options: Partial<DefaultStackOptions> = {}) {
    this.name = name;
    this.#options = { ...defaultStackOptions, ...options };
    this.#attention = new Attention(this.#options);
  }

  score(frame: MetricsFrame): FrameScores {
    const out = this.#assess(frame);
    const { told } = this.#attention;
    for (let from = 0; from < out.scores.length; from += rangeLength) {
      lower(out.scores.subarray(from, from + rangeLength), told);
    }
    return out;
  }

  learn(frame: MetricsFrame): void {
    if (this.#assessed !== frame) this.#assess(frame);
    this.#growTo(frame.values.length);
    const { values } = frame;
    for (let from = 0; from < values.length; from += rangeLength) {
      const until = Math.min(values.length, from + rangeLength);
      const streaking = this.#listStreaks(from, until);
      if (streaking > 0) this.#countStreaks(values, streaking);
    }
    this.#core.learn(values, this.#isAlarming);
    this.#memory.learn(frame.values, this.#columns.ofMemory);
    // What was the scrape before is written over by the next.
    const spare = this.#beforePrevious;
    this.#beforePrevious = this.#previous;
    this.#previous = this.#strengths;
    this.#strengths = spare;
    this.#attention.learn(frame);
    this.#lastAtMs = frame.atMs;
    this.#assessed = null;
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    for (const part of this.#parts) part.writeState(writer);
    for (const array of [this.#previous, this.#beforePrevious, this.#streaks]) writer.array(array);
    writer.number(this.#lastAtMs);
  }

  readState(reader: StateReader): void {
    for (const part of this.#parts) part.readState(reader);
    this.#previous = reader.float64s();
    this.#beforePrevious = reader.float64s();
    this.#streaks = reader.float64s();
    this.#strengths = new Float64Array(this.#previous.length);
    this.#lastAtMs = reader.number();
    this.#assessed = null;
  }

  get #parts(): readonly StatePart[] {
    return [this.#core, this.#memory, this.#attention, this.#columns];
  }

  get #stateId(): StateId {
    const { stack: version, ...parts } = DefaultStack.stateVersions;
    return { kind: this.name, version, settings: { ...this.#options, stateVersions: parts } };
  }

  #growTo(columns: number): void {
    this.#core.grow(columns);
    this.#previous = grown(this.#previous, columns);
    this.#beforePrevious = grown(this.#beforePrevious, columns);
    this.#strengths = grown(this.#strengths, columns);
    this.#streaks = grown(this.#streaks, columns);
    if (this.#isAlarming.length < columns) this.#isAlarming = new Uint8Array(this.#streaks.length);
  }

  /** Lists the columns of a range that alarm, or did of late; how many these are. */
  #listStreaks(from: number, until: number): number {
    const strengths = this.#strengths;
    const streaks = this.#streaks;
    const isAlarming = this.#isAlarming;
    const few = this.#few;
    let count = 0;
    for (let i = from; i < until; i += 1) {
      isAlarming[i] = 0;
      if (!(strengths[i]! >= 1) && streaks[i] === 0) continue;
      few[count] = i;
      count += 1;
    }
    return count;
  }

  /** Counts how long those listed alarm; one that did for long is taken for the new norm. */
  #countStreaks(values: Float64Array, count: number): void {
    const streaks = this.#streaks;
    for (let k = 0; k < count; k += 1) {
      const i = this.#few[k]!;
      if (Number.isNaN(values[i]!)) continue;
      if (this.#strengths[i]! >= 1) {
        this.#isAlarming[i] = this.#becomesNorm(i) ? 0 : 1;
      } else {
        // One ordinary value in between does not make a lasting change a new one.
        streaks[i] = Math.max(0, streaks[i]! - streakForgiveness);
      }
    }
  }

  #becomesNorm(column: number): boolean {
    const { symptomNormAfter, contextNormAfter } = this.#options;
    const { role } = this.#columns.roleOf(column).spec;
    const streak = this.#streaks[column]! + 1;
    const isNorm = streak >= (role === 'symptom' ? symptomNormAfter : contextNormAfter);
    this.#streaks[column] = isNorm ? 0 : streak;
    if (isNorm) this.#core.forget(column);
    return isNorm;
  }

  /**
   * Scores as if everything were told; also sets the strengths and what may be told.
   */
  #assess(frame: MetricsFrame): FrameScores {
    const { values } = frame;
    const out = this.#buffers.take(values.length);
    this.#columns.grow(frame.index, values.length);
    this.#growTo(values.length);
    for (let from = 0; from < values.length; from += rangeLength) {
      this.#scoreRange(frame, out, from, Math.min(values.length, from + rangeLength));
    }
    this.#filling = 0;
    for (const column of this.#columns.ofMemory) this.#forecast(column, frame.values, out);
    this.#attention.assess(frame, out, {
      columns: this.#columns,
      filling: this.#filling,
      streaks: this.#streaks,
    });
    this.#assessed = frame;
    return out;
  }

  /**
   * Finds strengths and scores: one loop, since numbers handed on are garbage, and with what it
   * reads named before it, or each column would look again where the arrays lie.
   */
  #scoreRange(frame: MetricsFrame, out: FrameScores, from: number, until: number): void {
    const { deviations, overwhelming, warmUpPoints, surprise: surpriseUnit } = this.#options;
    const { values } = frame;
    const { scores, expected, zScores } = out;
    const { levels, scaleFloorShare } = this.#core;
    const { roleNumbers, rateColumns, rows } = this.#columns;
    const strengths = this.#strengths;
    const previous = this.#previous;
    const beforePrevious = this.#beforePrevious;
    const intervalMs = frame.atMs - this.#lastAtMs;
    for (let column = from; column < until; column += 1) {
      const value = values[column]!;
      const row = roleNumbers[column]! * rowLength;
      const base = column * levelsLength;
      strengths[column] = 0;
      const isLost = Number.isNaN(value) || rows[row + isCounterAt] === 1;
      if (isLost || levels[base + countAt]! < warmUpPoints) {
        scores[column] = Number.NaN;
        expected[column] = Number.NaN;
        zScores[column] = Number.NaN;
        continue;
      }
      const level = levels[base + recentAt]!;
      const scale = recentScale(levels, base, floorOf(levels, base, scaleFloorShare));
      const care = rows[row + absoluteAt]! + rows[row + relativeAt]! * Math.abs(level);
      let gate = Math.max(care, deviations * scale);
      let signed = value - level;
      const isState = rows[row + isStateAt] === 1;
      if (!isState) {
        if (rows[row + isCountedAt] === 1) {
          const rateColumn = rateColumns[column]!;
          const rate = rateColumn < 0 ? Number.NaN : values[rateColumn]!;
          gate = Math.max(gate, deviations * countingError(rate, intervalMs, level));
        }
        // The distance from the span between the two levels, 0 inside it.
        const other = value - levels[base + slowAt]!;
        signed =
          signed > 0 ? Math.max(0, Math.min(signed, other)) : Math.min(0, Math.max(signed, other));
      }
      signed /= gate;
      if (!isState && !(Math.abs(signed) < 1)) {
        const surprise = this.#core.surprise(column, values) / surpriseUnit;
        signed = Math.sign(signed) * Math.min(Math.abs(signed), surprise);
      }
      expected[column] = level;
      zScores[column] = signed * deviations;
      const direction = rows[row + directionAt]!;
      const strength = direction === 0 ? Math.abs(signed) : direction * signed;
      if (strength <= 0) {
        scores[column] = 0;
        continue;
      }
      strengths[column] = Number.isNaN(strength) ? 0 : strength;
      // Readiness carries no noise, so one scrape is enough.
      const needed = rows[row + isNodeAt] === 1 ? 1 : overwhelming;
      const earlier = Math.max(previous[column]!, beforePrevious[column]!);
      scores[column] = Math.max(strength / needed, Math.min(strength, earlier));
    }
  }

  /**
   * Memory that will be full within the horizon is an alarm, however little it has risen so far.
   */
  #forecast(column: number, values: Float64Array, out: FrameScores): void {
    const { memoryHorizonScrapes, deviations } = this.#options;
    const scrapesLeft = this.#memory.scrapesLeft(column, values, memoryHorizonScrapes);
    if (scrapesLeft > memoryHorizonScrapes) return;
    this.#filling += 1;
    const urgency = memoryHorizonScrapes / Math.max(1, scrapesLeft);
    if (out.scores[column]! >= urgency) return;
    out.scores[column] = urgency;
    out.expected[column] = this.#memory.start(column);
    out.zScores[column] = deviations * urgency;
  }
}

/**
 * Standard error of a ratio that was expected to be `expected`, counted from the requests of one
 * scrape at a rate per second; 0 where nobody knows the rate (NaN).
 */
function countingError(rate: number, intervalMs: number, expected: number): number {
  if (Number.isNaN(rate)) return 0;
  const requests = Math.max(1, (rate * intervalMs) / 1000);
  const likely = Math.min(0.5, Math.max(expected, 0.5 / requests));
  return Math.sqrt((likely * (1 - likely)) / requests);
}

/**
 * Lowers scores to what is told. At or above, not above: while nothing is told that holds
 * everywhere, and needs no guessing.
 */
function lower(scores: Float64Array, told: number): void {
  for (let i = 0; i < scores.length; i += 1) if (scores[i]! >= told) scores[i] = told;
}
