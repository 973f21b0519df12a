import type { Action, ClusterApi, Topology } from '../../core/observable/index.ts';
import {
  editedObject,
  type ObjectEdit,
  playEdit,
  type TreatmentStep,
} from '../../core/truth/index.ts';
import { Executor } from '../../healers/index.ts';
import type { Twin } from '../../sim/index.ts';
import { subjectsOf } from './edit-subjects.ts';

/** Who carries treatments out by hand. */
const person = { fieldManager: 'kubectl-edit' };

/** Something that was done to the world. */
export interface Deed {
  readonly atMs: number;
  /**
   * What it was done to: targets as actions have them, or components; none for what is nobody's
   * own.
   */
  readonly subjects: readonly string[];
}

export interface PlayedTreatment {
  /** What changed something, in order. */
  readonly deeds: readonly Deed[];
  /** What did not come about, in the words of whoever refused it. */
  readonly refusals: readonly string[];
}

/** Where a treatment is played, and until when. */
interface Surroundings {
  readonly topology: Topology;
  /** The world without the fault, to tell what the fault has touched. */
  readonly noFault: ClusterApi;
  readonly untilMs: number;
}

/**
 * Carries steps out on a twin, then lets it go on to `untilMs`; what would come later is left out.
 */
export async function playTreatment(
  twin: Twin,
  steps: readonly TreatmentStep[],
  { topology, noFault, untilMs }: Surroundings,
): Promise<PlayedTreatment> {
  const place = { cluster: twin.cluster, noFault, topology };
  const executor = new Executor(twin.cluster, { nowMs: () => twin.nowMs, topology });
  const deeds: Deed[] = [];
  const refusals: string[] = [];
  const note = (subjects: readonly string[], refusal: string | null): void => {
    if (refusal === null) deeds.push({ atMs: twin.nowMs, subjects });
    else refusals.push(refusal);
  };
  for (const step of steps) {
    if (twin.nowMs >= untilMs) break;
    if ('waitMs' in step) await twin.advance(Math.min(untilMs, twin.nowMs + step.waitMs));
    else if ('action' in step) note([step.action.target], await act(executor, step.action));
    else note(await subjectsOf(step.edit, place), await edit(twin, step.edit));
  }
  await twin.advance(untilMs);
  return { deeds, refusals };
}

async function act(executor: Executor, action: Action): Promise<string | null> {
  const { outcome, detail } = await executor.execute(action);
  if (outcome === 'done' || outcome === 'partial') return null;
  return `${action.kind} ${action.target}: ${detail}`;
}

async function edit(twin: Twin, change: ObjectEdit): Promise<string | null> {
  const result = await playEdit(twin.cluster, change, person);
  if (result.ok) return null;
  const { kind, name } = editedObject(change);
  return `${change.verb} ${kind}/${name}: ${result.status.message ?? result.status.reason}`;
}
