import { assert } from '../../core/tools/index.ts';
import { popEvent } from '../kernel/event-heap.ts';
import { syncAutoscaler, watchAutoscaler } from './autoscaler.ts';
import { startCronJob, watchCronJob } from './cron-job.ts';
import { syncDeployment } from './deployment.ts';
import { isAnyDirty } from './dirty.ts';
import { syncBudget } from './disruption.ts';
import { syncEndpoints } from './endpoints.ts';
import { syncJob } from './job.ts';
import { playKubeletTask, syncPod } from './kubelet.ts';
import { monitorNodes, taintNextNode } from './node-lifecycle.ts';
import { endPressure, evictOne, syncNodePressure } from './node-pressure.ts';
import { syncScheduleTaints } from './node-taints.ts';
import { judgeRuntime } from './platform.ts';
import { isManagerStalled } from './platform-state.ts';
import { playRequests } from './pod-requests.ts';
import { syncQuota } from './quota.ts';
import { syncReplicaSet } from './replica-set.ts';
import { schedulePods } from './scheduler.ts';
import { type Cluster, setTimer } from './state.ts';
import { playEviction, syncEvictions } from './taint-eviction.ts';
import type { TimerTask } from './timer-tasks.ts';
import { syncClaim } from './volumes.ts';

/** A cluster that is not quiescent after this many rounds never will be. */
const roundsMax = 1000;

/** Plays all timers due until an instant, and after each instant the controllers they woke. */
export function runUntil(cluster: Cluster, untilUs: number): void {
  const { state } = cluster;
  reconcile(cluster);
  for (;;) {
    const next = state.timers[0];
    if (next === undefined || next.atUs > untilUs) break;
    state.nowUs = next.atUs;
    while (state.timers[0]?.atUs === state.nowUs) {
      const event = popEvent(state.timers);
      if (event) playTask(cluster, event.task);
    }
    playRequests(cluster);
    reconcile(cluster);
  }
  state.nowUs = Math.max(state.nowUs, untilUs);
}

/** Tasks of the controller manager; when it does nothing they wait. */
const managerTasks: ReadonlySet<TimerTask['kind']> = new Set<TimerTask['kind']>([
  'monitor_nodes',
  'taint_nodes',
  'evict',
  'autoscale',
  'cron_job',
]);
const stallUs = 5_000_000;

function playTask(cluster: Cluster, task: TimerTask): void {
  const { dirty } = cluster.state;
  if (managerTasks.has(task.kind) && isManagerStalled(cluster)) {
    setTimer(cluster, cluster.state.nowUs + stallUs, task);
    return;
  }
  switch (task.kind) {
    case 'runtime_health':
      judgeRuntime(cluster, task.node);
      break;
    case 'evict_one':
      evictOne(cluster, task.node);
      break;
    case 'end_pressure':
      endPressure(cluster, task.node);
      break;
    case 'monitor_nodes':
      monitorNodes(cluster);
      break;
    case 'taint_nodes':
      taintNextNode(cluster, task.zone);
      break;
    case 'evict':
      playEviction(cluster, task.uid, task.dueUs);
      break;
    case 'sync_deployment':
      dirty.deployments.add(task.key);
      break;
    case 'sync_replica_set':
      dirty.replicaSets.add(task.key);
      break;
    case 'autoscale':
      syncAutoscaler(cluster, task.key, task.uid);
      break;
    case 'sync_job':
      dirty.jobs.add(task.key);
      break;
    case 'cron_job':
      startCronJob(cluster, task.key, task.uid);
      break;
    case 'schedule':
      cluster.state.retryArmed = false;
      dirty.scheduler = true;
      break;
    default:
      playKubeletTask(cluster, task);
  }
}

/** Runs controllers on what changed until nothing does. Controllers take no virtual time. */
export function reconcile(cluster: Cluster): void {
  const { dirty } = cluster.state;
  const isStalled = isManagerStalled(cluster);
  const isBusy = (): boolean =>
    isStalled ? dirty.scheduler || dirty.pods.size > 0 : isAnyDirty(dirty);
  for (let round = 0; isBusy(); round += 1) {
    assert(
      round < roundsMax,
      `control plane not quiescent after ${roundsMax} rounds at ${cluster.state.nowUs} us`,
    );
    if (!isStalled) syncDesired(cluster);
    if (dirty.scheduler) {
      dirty.scheduler = false;
      schedulePods(cluster);
    }
    drain(dirty.pods, (key) => syncPod(cluster, key));
    if (!isStalled) syncObserved(cluster);
  }
}

/** Controllers that make and take away objects. */
function syncDesired(cluster: Cluster): void {
  const { dirty } = cluster.state;
  drain(dirty.nodes, (name) => {
    syncNodePressure(cluster, name);
    syncScheduleTaints(cluster, name);
    syncEvictions(cluster, name);
  });
  drain(dirty.deployments, (key) => syncDeployment(cluster, key));
  drain(dirty.replicaSets, (key) => syncReplicaSet(cluster, key));
  drain(dirty.claims, (key) => syncClaim(cluster, key));
}

/** Controllers that follow what became of the pods. */
function syncObserved(cluster: Cluster): void {
  const { dirty } = cluster.state;
  drain(dirty.services, (key) => syncEndpoints(cluster, key));
  drain(dirty.budgets, (key) => syncBudget(cluster, key));
  drain(dirty.autoscalers, (key) => watchAutoscaler(cluster, key));
  drain(dirty.cronJobs, (key) => watchCronJob(cluster, key));
  drain(dirty.jobs, (key) => syncJob(cluster, key));
  drain(dirty.quotas, (key) => syncQuota(cluster, key));
}

/** Takes the keys of one round; what a pass marks anew waits for the next round. */
function drain(keys: Set<string>, sync: (key: string) => void): void {
  if (keys.size === 0) return;
  const round = [...keys];
  keys.clear();
  for (const key of round) sync(key);
}
