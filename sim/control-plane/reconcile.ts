import { assert } from '../../core/tools/index.ts';
import { popEvent } from '../kernel/event-heap.ts';
import { syncAutoscaler, watchAutoscaler } from './autoscaler.ts';
import { syncDeployment } from './deployment.ts';
import { isAnyDirty } from './dirty.ts';
import { syncBudget } from './disruption.ts';
import { syncEndpoints } from './endpoints.ts';
import { playKubeletTask, syncPod } from './kubelet.ts';
import { monitorNodes, taintNextNode } from './node-lifecycle.ts';
import { syncScheduleTaints } from './node-taints.ts';
import { syncReplicaSet } from './replica-set.ts';
import { schedulePods } from './scheduler.ts';
import type { Cluster } from './state.ts';
import { playEviction, syncEvictions } from './taint-eviction.ts';
import type { TimerTask } from './timer-tasks.ts';

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
    reconcile(cluster);
  }
  state.nowUs = Math.max(state.nowUs, untilUs);
}

function playTask(cluster: Cluster, task: TimerTask): void {
  const { dirty } = cluster.state;
  switch (task.kind) {
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
  for (let round = 0; isAnyDirty(dirty); round += 1) {
    assert(
      round < roundsMax,
      `control plane not quiescent after ${roundsMax} rounds at ${cluster.state.nowUs} us`,
    );
    drain(dirty.nodes, (name) => {
      syncScheduleTaints(cluster, name);
      syncEvictions(cluster, name);
    });
    drain(dirty.deployments, (key) => syncDeployment(cluster, key));
    drain(dirty.replicaSets, (key) => syncReplicaSet(cluster, key));
    if (dirty.scheduler) {
      dirty.scheduler = false;
      schedulePods(cluster);
    }
    drain(dirty.pods, (key) => syncPod(cluster, key));
    drain(dirty.services, (key) => syncEndpoints(cluster, key));
    drain(dirty.budgets, (key) => syncBudget(cluster, key));
    drain(dirty.autoscalers, (key) => watchAutoscaler(cluster, key));
  }
}

/** Takes the keys of one round; what a pass marks anew waits for the next round. */
function drain(keys: Set<string>, sync: (key: string) => void): void {
  if (keys.size === 0) return;
  const round = [...keys];
  keys.clear();
  for (const key of round) sync(key);
}
