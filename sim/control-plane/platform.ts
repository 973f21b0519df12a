import type { NodeComponent } from '../../core/truth/index.ts';
import { onNode } from '../platform-components.ts';
import { followProxies } from './frozen-endpoints.ts';
import { killProcess } from './kubelet.ts';
import { isFullyStopped, resumeKubelet } from './kubelet-outage.ts';
import { lastRenewalUs, postNodeHealth, postRuntimeDown } from './node-kubelet.ts';
import { isRunning } from './pod-runtime.ts';
import { type Cluster, findObject, type NodeRuntime, setTimer } from './state.ts';

/** A kubelet gives its container runtime so long before it reports the node as not ready. */
const runtimeGraceUs = 30_000_000;

/** Follows which parts of the platform run; kubelets that are back catch up at once. */
export function setComponents(cluster: Cluster, down: ReadonlySet<string>): void {
  const { state } = cluster;
  const before = state.down;
  const isSame = before.size === down.size && [...down].every((name) => before.has(name));
  if (isSame) return;
  state.down = new Set(down);
  state.version += 1;
  state.dirty.scheduler = true;
  followProxies(cluster, down);
  for (const node of state.nodes.values()) {
    const has = (names: ReadonlySet<string>, component: NodeComponent): boolean =>
      names.has(onNode(component, node.name));
    followKubelet(cluster, node, !has(down, 'kubelet'));
    const [was, is] = [has(before, 'container_runtime'), has(down, 'container_runtime')];
    if (was !== is) followRuntime(cluster, node, !is);
  }
}

function followKubelet(cluster: Cluster, node: NodeRuntime, isUp: boolean): void {
  const { nowUs } = cluster.state;
  if (isUp === node.kubeletUp) return;
  if (!isUp) {
    node.lastRenewalUs = lastRenewalUs(node, nowUs);
    node.kubeletUp = false;
    return;
  }
  node.kubeletUp = true;
  node.leasePhaseUs = nowUs;
  if (!node.powered) return;
  postNodeHealth(cluster, node.name);
  resumeKubelet(cluster, node.name);
}

function followRuntime(cluster: Cluster, node: NodeRuntime, isUp: boolean): void {
  if (!isUp) {
    const dueUs = cluster.state.nowUs + runtimeGraceUs;
    setTimer(cluster, dueUs, { kind: 'runtime_health', node: node.name });
  } else if (node.powered && node.kubeletUp) {
    postNodeHealth(cluster, node.name);
    resumeKubelet(cluster, node.name);
  }
}

/** A kubelet that has not heard from its runtime for its grace says so. */
export function judgeRuntime(cluster: Cluster, name: string): void {
  const node = findObject(cluster, 'Node', name);
  if (node === undefined || isFullyStopped(cluster, name)) return;
  if (cluster.state.down.has(onNode('container_runtime', name))) postRuntimeDown(cluster, node);
}

/** Kills the processes of pods from outside; their kubelets start them again. */
export function killProcesses(cluster: Cluster, uids: ReadonlySet<string>): void {
  for (const uid of uids) {
    const runtime = cluster.state.runtimes.get(uid);
    if (runtime && isRunning(cluster, runtime)) killProcess(cluster, runtime);
  }
}
