import type { ActionKind } from '../core/observable/index.ts';

/** One setting of an action: its name in policy files and in {@link Action.parameters}. */
export interface ActionParameter {
  readonly yamlName: string;
  readonly name: string;
  /** Smallest legal value; `exclusive` where it is itself not legal. */
  readonly least: number;
  readonly isExclusive: boolean;
  readonly isInteger: boolean;
  /** What holds when a policy does not say; null: the setting stays away. */
  readonly fallback: number | null;
}

const factor: ActionParameter = {
  yamlName: 'factor',
  name: 'factor',
  least: 1,
  isExclusive: true,
  isInteger: false,
  fallback: 2,
};

/** The settings of each action kind, in the order in which they are written. */
export const actionParameters: Readonly<Record<ActionKind, readonly ActionParameter[]>> = {
  scale_up: [factor, counted('max_replicas', 'maxReplicas', 10)],
  scale_down: [factor, counted('min_replicas', 'minReplicas', 1)],
  restart: [counted('restart_count_limit', 'restartCountLimit', null)],
  rollback: [],
  rate_limit: [counted('limit_rps', 'limitRequestsPerSec', 1000)],
  traffic_shift: [],
  cordon: [],
  drain: [],
};

/** The settings that an action of this kind has when nobody says anything. */
export function defaultParameters(kind: ActionKind): Record<string, number> {
  return Object.fromEntries(
    actionParameters[kind].flatMap(({ name, fallback }) =>
      fallback === null ? [] : [[name, fallback] as const],
    ),
  );
}

function counted(yamlName: string, name: string, fallback: number | null): ActionParameter {
  return { yamlName, name, least: 1, isExclusive: false, isInteger: true, fallback };
}
