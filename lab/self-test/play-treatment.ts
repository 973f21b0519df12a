import {
  type Action,
  type KubernetesObject,
  type ObjectRef,
  procedureOf,
  type Topology,
} from '../../core/observable/index.ts';
import {
  editedObject,
  type ObjectEdit,
  playEdit,
  type TreatmentStep,
} from '../../core/truth/index.ts';
import { Executor } from '../../healers/index.ts';
import type { Twin } from '../../sim/index.ts';

/** Who carries treatments out by hand. */
const person = { fieldManager: 'kubectl-edit' };

/** Something that was done to the world. */
export interface Deed {
  readonly atMs: number;
  /** What it was done to: a target as actions have it, or a component; null for what is nobody's own. */
  readonly target: string | null;
}

export interface PlayedTreatment {
  /** What changed something, in order. */
  readonly deeds: readonly Deed[];
  /** What did not come about, in the words of whoever refused it. */
  readonly refusals: readonly string[];
}

/** Carries steps out on a twin, then lets it go on to `untilMs`; what would come later is left out. */
export async function playTreatment(
  twin: Twin,
  steps: readonly TreatmentStep[],
  { topology, untilMs }: { readonly topology: Topology; readonly untilMs: number },
): Promise<PlayedTreatment> {
  const executor = new Executor(twin.cluster, { nowMs: () => twin.nowMs, topology });
  const deeds: Deed[] = [];
  const refusals: string[] = [];
  const note = (target: string | null, refusal: string | null): void => {
    if (refusal === null) deeds.push({ atMs: twin.nowMs, target });
    else refusals.push(refusal);
  };
  for (const step of steps) {
    if (twin.nowMs >= untilMs) break;
    if ('waitMs' in step) await twin.advance(Math.min(untilMs, twin.nowMs + step.waitMs));
    else if ('action' in step) note(step.action.target, await act(executor, step.action));
    else note(targetOf(step.edit, topology), await edit(twin, step.edit));
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

/** What an edit acts on: a procedure's target, a workload, a service, a node, or nobody's own. */
function targetOf(change: ObjectEdit, topology: Topology): string | null {
  const object = editedObject(change);
  if (change.verb === 'create') return procedureTarget(change.manifest);
  switch (object.kind) {
    case 'Deployment':
      return `${object.namespace ?? 'default'}/deployment/${object.name}`;
    case 'Node':
      return `node/${object.name}`;
    case 'Service':
      return isService(object, topology) ? `service/${object.name}` : null;
    default:
      return null;
  }
}

function procedureTarget(manifest: KubernetesObject): string | null {
  return manifest.kind === 'Job'
    ? (procedureOf(manifest as Parameters<typeof procedureOf>[0])?.target ?? null)
    : null;
}

function isService({ name }: ObjectRef, { services }: Topology): boolean {
  return services.some((service) => service.name === name);
}
