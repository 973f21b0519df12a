import type {
  Action,
  ActionOutcome,
  ApiResult,
  ClusterApi,
  Status,
  Topology,
  WriteOptions,
} from '../../core/observable/index.ts';
import { UsageError } from '../../core/tools/index.ts';
import { defaultParameters } from '../action-parameters.ts';
import type { ObjectTarget } from '../action-target.ts';

/** Who the executor is in managed fields, audit and change events. */
export const writeOptions: WriteOptions = { fieldManager: 'firedrill-executor' };

/** What an action needs to be carried out. */
export interface Order {
  readonly cluster: ClusterApi;
  readonly topology: Topology;
  readonly nowMs: number;
  readonly action: Action;
  readonly target: ObjectTarget;
}

/** What carrying out an action came to. */
export type Effect = Pick<ActionOutcome, 'outcome' | 'detail' | 'before' | 'after'>;
type Values = ActionOutcome['before'];

export function done(detail: string, before: Values = {}, after: Values = {}): Effect {
  return { outcome: 'done', detail, before, after };
}

/** A part is done and a disruption budget holds the rest back. */
export function partial(detail: string, before: Values, after: Values): Effect {
  return { outcome: 'partial', detail, before, after };
}

export function noChange(detail: string, before: Values = {}): Effect {
  return { outcome: 'no_change', detail, before, after: before };
}

export function failed(detail: string, before: Values = {}, after: Values = before): Effect {
  return { outcome: 'failed', detail, before, after };
}

/** A refusal in the API server's own words. */
export function refusedByApi(status: Status): Effect {
  return failed(messageOf(status));
}

export function messageOf(status: Status): string {
  return (
    status.message ?? status.reason ?? `the API answered with code ${status.code ?? 'unknown'}`
  );
}

/** The effect of a write: as told when it succeeded, else the API's message. */
export function afterWrite(result: ApiResult<unknown>, effect: () => Effect): Effect {
  return result.ok ? effect() : refusedByApi(result.status);
}

/** A numeric setting of the action, or what holds where it does not say. */
export function numberOf({ kind, parameters }: Action, name: string): number {
  const value = parameters[name] ?? defaultParameters(kind)[name];
  if (typeof value === 'number') return value;
  throw new UsageError(`${kind}: expected ${name} to be a number, got ${JSON.stringify(value)}`);
}
