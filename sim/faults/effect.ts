import type { ClusterApi } from '../../core/observable/index.ts';
import type { Fault, TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';

/** What an effect may read and change. */
export interface EffectContext {
  readonly spec: TwinSpec;
  readonly conditions: Conditions;
  readonly cluster: ClusterApi;
  readonly view: ClusterView;
  /** Another number after every change of a ConfigMap. */
  readonly configVersion: number;
  readonly nowMs: number;
}

/** What `end` needs to undo exactly what `begin` did; plain data, because a fork copies it. */
export type UndoNote = object;

/** How one of several faults of a kind ends while the others may still be in force. */
interface EndContext<Note extends UndoNote> extends EffectContext {
  /** Notes of the other faults of this kind that are in force, earliest first. */
  readonly others: readonly Note[];
}

/**
 * One kind of fault: how it takes hold and how it lets go. Faults of one kind may overlap and end
 * in any order, so `end` leaves in place what one of the others still holds.
 */
export interface FaultEffect<Note extends UndoNote = UndoNote> {
  begin(fault: Fault, context: EffectContext): Promise<Note>;
  /** Each second while in force, from the one after `begin`; may write to its note. */
  goOn?(fault: Fault, note: Note, context: EffectContext): Promise<void>;
  end(fault: Fault, note: Note, context: EndContext<Note>): Promise<void>;
}
