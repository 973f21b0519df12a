import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
} from '../../core/observable/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown, ScoreBuffers } from '../score-buffers.ts';
import { SeriesCore } from '../series/series-core.ts';
import { Attention, type AttentionOptions, attentionDefaults } from './attention.ts';
import type { SignalRole } from './column-roles.ts';
import { ColumnRoles } from './column-roles.ts';
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
  /** In how many of its columns memory is about to run out. */
  #filling = 0;

  constructor(name: string, options: Partial<DefaultStackOptions> = {}) {
    this.name = name;
    this.#options = { ...defaultStackOptions, ...options };
    this.#attention = new Attention(this.#options);
  }

  score(frame: MetricsFrame): FrameScores {
    const out = this.#assess(frame);
    const { told } = this.#attention;
    const { scores } = out;
    // At or above, not above: while nothing is told that holds everywhere, and needs no guessing.
    for (let i = 0; i < scores.length; i += 1) if (scores[i]! >= told) scores[i] = told;
    return out;
  }

  learn(frame: MetricsFrame): void {
    if (this.#assessed !== frame) this.#assess(frame);
    const columns = frame.values.length;
    this.#core.grow(columns);
    this.#previous = grown(this.#previous, columns);
    this.#beforePrevious = grown(this.#beforePrevious, columns);
    this.#streaks = grown(this.#streaks, columns);
    for (let i = 0; i < columns; i += 1) this.#learnColumn(i, frame.values);
    this.#memory.endScrape();
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

  #learnColumn(column: number, values: Float64Array): void {
    const value = values[column]!;
    const role = this.#columns.roleOf(column);
    const strength = this.#strengths[column]!;
    this.#beforePrevious[column] = this.#previous[column]!;
    this.#previous[column] = !Number.isNaN(strength) ? strength : 0;
    if (Number.isNaN(value)) return;
    if (role.evidence === 'memory') this.#memory.learn(column, value);
    if (!(strength >= 1)) {
      // One ordinary value in between does not make a lasting change a new one.
      this.#streaks[column] = Math.max(0, this.#streaks[column]! - streakForgiveness);
      this.#core.learn(column, values);
      return;
    }
    const { symptomNormAfter, contextNormAfter } = this.#options;
    const streak = this.#streaks[column]! + 1;
    const normAfter = role.spec.role === 'symptom' ? symptomNormAfter : contextNormAfter;
    this.#streaks[column] = streak < normAfter ? streak : 0;
    if (streak < normAfter) return;
    this.#core.forget(column);
    this.#core.learn(column, values);
  }

  /**
   * Scores as if everything were told; also sets the strengths and what may be told.
   */
  #assess(frame: MetricsFrame): FrameScores {
    const { values } = frame;
    const out = this.#buffers.clear(values.length);
    this.#columns.grow(frame.index, values.length);
    this.#strengths = grown(this.#strengths, values.length);
    this.#filling = 0;
    const { warmUpPoints } = this.#options;
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]!;
      this.#strengths[i] = Number.NaN;
      const role = this.#columns.roleOf(i);
      if (Number.isNaN(value) || role.evidence === 'counter') continue;
      if (this.#core.count(i) >= warmUpPoints) this.#scoreColumn(i, role, frame, out);
      if (role.evidence === 'memory') this.#forecast(i, value, out);
    }
    this.#attention.assess(frame, out, {
      columns: this.#columns,
      filling: this.#filling,
      streaks: this.#streaks,
    });
    this.#assessed = frame;
    return out;
  }

  #scoreColumn(column: number, role: SignalRole, frame: MetricsFrame, out: FrameScores): void {
    const { overwhelming, deviations } = this.#options;
    const signed = this.#signedStrength(column, role, frame);
    const strength = role.direction === 0 ? Math.abs(signed) : role.direction * signed;
    out.expected[column] = this.#core.expected(column);
    out.zScores[column] = signed * deviations;
    if (strength <= 0) {
      this.#strengths[column] = 0;
      out.scores[column] = 0;
      return;
    }
    this.#strengths[column] = strength;
    // Readiness carries no noise, so one scrape is enough.
    const needed = role.evidence === 'node' ? 1 : overwhelming;
    const earlier = Math.max(this.#previous[column]!, this.#beforePrevious[column]!);
    out.scores[column] = Math.max(strength / needed, Math.min(strength, earlier));
  }

  #signedStrength(column: number, role: SignalRole, frame: MetricsFrame): number {
    const value = frame.values[column]!;
    const expected = this.#core.expected(column);
    const { deviations } = this.#options;
    let gate = role.gate.absolute + role.gate.relative * Math.abs(expected);
    gate = Math.max(gate, deviations * this.#core.scale(column));
    if (role.spec.role === 'state') return (value - expected) / gate;
    const rateColumn = this.#columns.rateColumnOf(column);
    if (rateColumn >= 0) {
      gate = Math.max(gate, deviations * this.#countingError(expected, rateColumn, frame));
    }
    const signed = outside(value, expected, this.#core.slowExpected(column)) / gate;
    if (Math.abs(signed) < 1) return signed;
    const surprise = this.#core.surprise(column, frame.values) / this.#options.surprise;
    return Math.sign(signed) * Math.min(Math.abs(signed), surprise);
  }

  /** Standard error of a ratio counted from the requests of one scrape. */
  #countingError(ratio: number, rateColumn: number, frame: MetricsFrame): number {
    const rate = frame.values[rateColumn]!;
    if (Number.isNaN(rate)) return 0;
    const intervalMs = frame.atMs - this.#lastAtMs;
    const requests = Math.max(1, (rate * intervalMs) / 1000);
    const likely = Math.min(0.5, Math.max(ratio, 0.5 / requests));
    return Math.sqrt((likely * (1 - likely)) / requests);
  }

  /**
   * Memory that will be full within the horizon is an alarm, however little it has risen so far.
   */
  #forecast(column: number, value: number, out: FrameScores): void {
    const { memoryHorizonScrapes, deviations } = this.#options;
    const scrapesLeft = this.#memory.scrapesLeft(column, value, memoryHorizonScrapes);
    if (scrapesLeft > memoryHorizonScrapes) return;
    this.#filling += 1;
    const urgency = memoryHorizonScrapes / Math.max(1, scrapesLeft);
    if (out.scores[column]! >= urgency) return;
    out.scores[column] = urgency;
    out.expected[column] = this.#memory.start(column);
    out.zScores[column] = deviations * urgency;
  }
}

/** Signed distance of a value from the span between two levels; 0 inside it. */
function outside(value: number, level: number, otherLevel: number): number {
  const high = Math.max(level, otherLevel);
  const low = Math.min(level, otherLevel);
  return value > high ? value - high : value < low ? value - low : 0;
}
