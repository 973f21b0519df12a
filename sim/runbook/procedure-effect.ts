import type { ComponentId } from '../../core/observable/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import type { Conditions } from '../conditions.ts';

/** What a procedure of the runbook may read and change. */
export interface ProcedureContext {
  readonly spec: TwinSpec;
  readonly conditions: Conditions;
  readonly nowMs: number;
}

/** What a procedure does to the world, once its Job has completed. */
export type ProcedureEffect = (target: ComponentId, context: ProcedureContext) => void;
