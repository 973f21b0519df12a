import type { ServiceEntry } from './topology.ts';

/** What a healer can ask for; every kind becomes Kubernetes API calls in the executor. */
export const actionKinds = [
  'scale_up',
  'scale_down',
  'restart',
  'rollback',
  'rate_limit',
  'traffic_shift',
  'cordon',
  'drain',
] as const;

export type ActionKind = (typeof actionKinds)[number];

/** What actions can be asked of; of a zone, `cordon` and `drain` are asked of each of its nodes. */
export const targetKindsByAction: Readonly<
  Record<ActionKind, readonly ('deployment' | 'node' | 'zone')[]>
> = {
  scale_up: ['deployment'],
  scale_down: ['deployment'],
  restart: ['deployment'],
  rollback: ['deployment'],
  rate_limit: ['deployment'],
  traffic_shift: ['deployment', 'zone'],
  cordon: ['node', 'zone'],
  drain: ['node', 'zone'],
};

export interface Action {
  readonly kind: ActionKind;
  /**
   * `ns/kind/name`, e.g. `default/deployment/frontend`; cluster-scoped: `node/n1`,
   * `zone/us-east-1a`.
   */
  readonly target: string;
  /** E.g. `factor`, `maxReplicas`, `limitRequestsPerSec`, `awayFromZone`. */
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** The target text of a service's Deployment. */
export function deploymentTarget(service: Pick<ServiceEntry, 'namespace' | 'workload'>): string {
  return `${service.namespace}/deployment/${service.workload}`;
}

export interface Plan {
  readonly atMs: number;
  readonly incidentId: string | null;
  /** The policy rule that asked. */
  readonly rule: string;
  readonly reason: string;
  /** Played in order. */
  readonly steps: readonly Action[];
}

/** What became of one action. */
export interface ActionOutcome {
  readonly atMs: number;
  readonly action: Action;
  /** `partial`: a disruption budget holds the rest back, and asking again may help. */
  readonly outcome: 'done' | 'partial' | 'no_change' | 'failed' | 'refused';
  /** E.g. `replicas 2 -> 4`; for failures the API's message. */
  readonly detail: string;
  /** Values before and after, e.g. replicas. */
  readonly before: Readonly<Record<string, number | string>>;
  readonly after: Readonly<Record<string, number | string>>;
}

/** One line of the append-only, hash-chained audit log. */
export interface AuditEntry {
  readonly sequence: number;
  readonly atMs: number;
  readonly decision: 'allowed' | 'refused';
  readonly rule: string;
  readonly action: string;
  readonly target: string;
  /** Why the guard decided so, or what the action did. */
  readonly reason: string;
  readonly previousHash: string;
  readonly hash: string;
}
