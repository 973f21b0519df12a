import type { ComponentId, Procedure } from '../../core/observable/index.ts';
import { causeTraits } from '../../core/truth/index.ts';
import type { Conditions } from '../conditions.ts';
import type { Impairment } from '../impairments/impairment.ts';
import { concerns, dataProcedures } from './data-procedures.ts';
import { nodeProcedures } from './node-procedures.ts';
import type { ProcedureContext, ProcedureEffect } from './procedure-effect.ts';

/** What the procedures of the runbook do; one that is not here finds nothing to do. */
const effects: Readonly<Partial<Record<Procedure, ProcedureEffect>>> = {
  ...nodeProcedures,
  ...dataProcedures,
};

/** Carries out procedures whose Jobs have completed, in order. */
export function applyProcedures(
  procedures: readonly { readonly procedure: Procedure; readonly target: ComponentId }[],
  context: ProcedureContext,
): void {
  for (const { procedure, target } of procedures) {
    effects[procedure]?.(target, context);
    cure(context.conditions, procedure, target);
  }
}

/** Procedures that concern the whole cluster, whatever they were run on. */
const everywhere: ReadonlySet<Procedure> = new Set([
  'restart_coredns',
  'shift_traffic_to_scrubber',
]);

/** Ends what the procedure ends, where it was run. */
function cure({ impairments }: Conditions, procedure: Procedure, target: ComponentId): void {
  for (let i = impairments.length - 1; i >= 0; i -= 1) {
    const entry = impairments[i] as Impairment;
    if (!causeTraits(entry.cause).cures.includes(procedure)) continue;
    if (everywhere.has(procedure) || concerns(entry, target)) impairments.splice(i, 1);
  }
}
