import type { FrameScores, MetricsFrame } from '../../core/observable/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { ColumnRoles } from './column-roles.ts';
import { UserSymptoms } from './user-symptoms.ts';

export interface AttentionOptions {
  /** Scrapes for which corroborating evidence is told after a symptom was seen. */
  readonly attentionScrapes: number;
  /** What users feel counts this much more for some scrapes after something announced an outage. */
  readonly foreseenFactor: number;
  readonly foreseenScrapes: number;
  /** Where nobody measures users, two signals of one component must have alarmed for this long. */
  readonly sustainedScrapes: number;
}

export const attentionDefaults: AttentionOptions = {
  attentionScrapes: 8,
  foreseenFactor: 3,
  foreseenScrapes: 20,
  sustainedScrapes: 8,
};

/** What is known of a frame's columns besides their scores. */
export interface ColumnFacts {
  readonly columns: ColumnRoles;
  /** In how many columns memory is about to run out. */
  readonly filling: number;
  /** For how many scrapes a column has been alarming. */
  readonly streaks: Float64Array;
}

/**
 * How loudly anything may speak: as loudly as what opened an incident, or would. That is what users
 * feel, more so after something announced an outage; where nobody measures users, a harbinger or
 * two signals of one component that agree for minutes. See docs/decisions/0020. O(columns).
 */
export class Attention implements StatePart {
  readonly #options: AttentionOptions;
  readonly #users = new UserSymptoms();
  /** The strongest opening evidence of late, and for how many scrapes it still counts. */
  #attention = 0;
  #attentionLeft = 0;
  /** For how many scrapes an announced outage still counts. */
  #foreseenLeft = 0;
  /** Of the frame assessed last. */
  #opening = 0;
  #isForeseen = false;

  constructor(options: AttentionOptions) {
    this.#options = options;
  }

  /** The highest score that may be told of the frame assessed last. */
  get told(): number {
    return this.#attentionLeft > 0 ? Math.max(this.#attention, this.#opening) : this.#opening;
  }

  /** Puts users' evidence into the scores, 1 being an alarm, and weighs what opens an incident. */
  assess(frame: MetricsFrame, out: FrameScores, facts: ColumnFacts): void {
    this.#users.score(frame, (column, evidence, expected) => {
      out.scores[column] = evidence;
      out.expected[column] = expected;
    });
    this.#opening = this.#findOpening(out.scores, facts);
  }

  /** Learns the frame assessed last: what opened lets the rest speak as loudly for some scrapes. */
  learn(frame: MetricsFrame): void {
    this.#users.learn(frame);
    this.#foreseenLeft = this.#isForeseen
      ? this.#options.foreseenScrapes
      : Math.max(0, this.#foreseenLeft - 1);
    if (this.#attentionLeft > 0 && this.#opening < this.#attention) {
      this.#attentionLeft -= 1;
      return;
    }
    this.#attention = this.#opening;
    this.#attentionLeft = this.#options.attentionScrapes;
  }

  writeState(writer: StateWriter): void {
    this.#users.writeState(writer);
    writer.number(this.#attention);
    writer.integer(this.#attentionLeft);
    writer.integer(this.#foreseenLeft);
  }

  readState(reader: StateReader): void {
    this.#users.readState(reader);
    this.#attention = reader.number();
    this.#attentionLeft = reader.integer();
    this.#foreseenLeft = reader.integer();
  }

  #findOpening(scores: Float64Array, facts: ColumnFacts): number {
    const isAnnounced = hasHarbinger(scores, facts);
    if (!this.#users.sees) {
      return isAnnounced || this.#isSustained(scores, facts) ? Number.POSITIVE_INFINITY : 0;
    }
    this.#isForeseen = isAnnounced;
    let strongest = 0;
    for (const i of facts.columns.ofUsers) if (scores[i]! > strongest) strongest = scores[i]!;
    const isForeseen = this.#isForeseen || this.#foreseenLeft > 0;
    return isForeseen ? this.#options.foreseenFactor * strongest : strongest;
  }

  #isSustained(scores: Float64Array, facts: ColumnFacts): boolean {
    const { columns, streaks } = facts;
    const suffering = new Set<number>();
    for (let i = 0; i < scores.length; i += 1) {
      if (!(scores[i]! >= 1)) continue;
      const { evidence } = columns.roleOf(i);
      if (evidence !== 'symptom' || streaks[i]! < this.#options.sustainedScrapes) continue;
      const component = columns.componentOf(i);
      if (suffering.has(component)) return true;
      suffering.add(component);
    }
    return false;
  }
}

/** What announces an outage: a node that is not ready, or memory about to run out. */
function hasHarbinger(scores: Float64Array, { columns, filling }: ColumnFacts): boolean {
  return filling > 0 || columns.ofNodes.some((column) => scores[column]! >= 1);
}
