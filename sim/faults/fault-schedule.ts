import type { Fault } from '../../core/truth/index.ts';
import type { EffectContext, UndoNote } from './effect.ts';
import { effects } from './effects.ts';

interface Entry {
  readonly fault: Fault;
  /** Null until it began; what undoing needs from then on. */
  note: UndoNote | null;
  over: boolean;
}

/** Starts and ends faults at their times, and undoes what is in force when asked. */
export class FaultSchedule {
  readonly #entries: Entry[] = [];

  add(faults: readonly Fault[]): void {
    for (const fault of faults) this.#entries.push({ fault, note: null, over: false });
  }

  /** Begins and ends what is due at `context.nowMs`; true when anything happened. */
  async play(context: EffectContext): Promise<boolean> {
    let happened = false;
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (entry.over) continue;
      if (entry.note === null && fault.startMs <= context.nowMs) {
        entry.note = await effects[fault.kind].begin(fault, context);
        happened = true;
      }
      if (
        entry.note !== null &&
        fault.durationMs !== null &&
        fault.startMs + fault.durationMs <= context.nowMs
      ) {
        await this.#end(entry, context);
        happened = true;
      }
    }
    return happened;
  }

  /** Ends everything in force, latest first, and forgets what has not begun. */
  async rollBack(context: EffectContext): Promise<void> {
    for (const entry of this.#entries.toReversed()) {
      if (entry.note !== null && !entry.over) await this.#end(entry, context);
      entry.over = true;
    }
  }

  /** A copy; with 'drop', without the faults (benign happenings stay). */
  fork(faults: 'keep' | 'drop'): FaultSchedule {
    const copy = new FaultSchedule();
    for (const entry of this.#entries) {
      if (faults === 'drop' && entry.fault.faultClass !== null) continue;
      copy.#entries.push({ ...entry });
    }
    return copy;
  }

  async #end(entry: Entry, context: EffectContext): Promise<void> {
    await effects[entry.fault.kind].end(entry.fault, entry.note as UndoNote, context);
    entry.over = true;
  }
}
