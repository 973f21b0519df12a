import type { TimedEvent } from '../kernel/event-heap.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

/** How a process ends by itself soon after its start. */
export interface EarlyEnd {
  readonly container: string;
  readonly afterUs: number;
  readonly exitCode: number;
  readonly reason: 'Error' | 'StartError';
  /** What it says last; for a process that never ran, what the runtime says. */
  readonly message: string;
}

/** What a timer asks for when it is due. */
export type TimerTask =
  | { readonly kind: 'start_container'; readonly uid: string; readonly epoch: number }
  | { readonly kind: 'listen'; readonly uid: string; readonly epoch: number }
  | { readonly kind: 'stop_container'; readonly uid: string; readonly epoch: number }
  | {
      readonly kind: 'exit_container';
      readonly uid: string;
      readonly epoch: number;
      readonly end: EarlyEnd;
    }
  | { readonly kind: 'finish_container'; readonly uid: string; readonly epoch: number }
  | {
      readonly kind: 'probe';
      readonly uid: string;
      readonly epoch: number;
      readonly probe: ProbeKind;
    }
  | { readonly kind: 'runtime_health'; readonly node: string }
  | { readonly kind: 'evict_one'; readonly node: string }
  | { readonly kind: 'end_pressure'; readonly node: string }
  | { readonly kind: 'monitor_nodes' }
  | { readonly kind: 'taint_nodes'; readonly zone: string }
  | { readonly kind: 'evict'; readonly uid: string; readonly dueUs: number }
  | { readonly kind: 'sync_deployment'; readonly key: string }
  | { readonly kind: 'sync_replica_set'; readonly key: string }
  | { readonly kind: 'autoscale'; readonly key: string; readonly uid: string }
  | { readonly kind: 'sync_job'; readonly key: string }
  | { readonly kind: 'cron_job'; readonly key: string; readonly uid: string }
  | { readonly kind: 'schedule' };

export interface TimerEvent extends TimedEvent {
  readonly task: TimerTask;
}

/** Kubelets act before controllers look, controllers in the order in which causes run. */
export const timerPriorities: Readonly<Record<TimerTask['kind'], number>> = {
  start_container: 0,
  listen: 0,
  stop_container: 0,
  exit_container: 0,
  finish_container: 0,
  probe: 1,
  runtime_health: 1,
  evict_one: 1,
  end_pressure: 1,
  monitor_nodes: 2,
  taint_nodes: 3,
  evict: 4,
  sync_deployment: 5,
  sync_replica_set: 5,
  sync_job: 5,
  cron_job: 5,
  autoscale: 6,
  schedule: 7,
};
