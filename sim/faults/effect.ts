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
  readonly nowMs: number;
}

/** What `end` needs to undo exactly what `begin` did; plain data, because a fork carries it along. */
export type UndoNote = Readonly<Record<string, unknown>>;

/** One kind of fault: how it takes hold and how it lets go. */
export interface FaultEffect<Note extends UndoNote = UndoNote> {
  begin(fault: Fault, context: EffectContext): Promise<Note>;
  end(fault: Fault, note: Note, context: EffectContext): Promise<void>;
}
