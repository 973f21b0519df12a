import type { KindMap } from '../../core/observable/index.ts';
import { syncPod } from './kubelet.ts';
import { postPodStatus } from './pod-status.ts';
import { armProbe } from './probes.ts';
import { type Cluster, findObject, type PodRuntime, setTimer } from './state.ts';

/** A restarted kubelet looks at its pods within this. */
const relistUs = 500_000;

/** The node has no kubelet that could say anything. */
export function isFullyStopped({ state }: Cluster, nodeName: string): boolean {
  const node = state.nodes.get(nodeName);
  return node === undefined || !node.powered || !node.kubeletUp;
}

/** A kubelet is back: it takes up what was left undone and posts what its pods are like. */
export function resumeKubelet(cluster: Cluster, nodeName: string): void {
  for (const runtime of [...cluster.state.runtimes.values()]) {
    if (runtime.node !== nodeName) continue;
    const pod = findObject(cluster, 'Pod', runtime.key);
    if (pod !== undefined) resumePod(cluster, pod, runtime);
  }
}

function resumePod(cluster: Cluster, pod: KindMap['Pod'], runtime: PodRuntime): void {
  const { uid, epoch } = runtime;
  const dueUs = cluster.state.nowUs + relistUs;
  switch (runtime.phase) {
    case 'stopping':
      setTimer(cluster, dueUs, { kind: 'stop_container', uid, epoch });
      break;
    case 'running':
      if (pod.metadata?.deletionTimestamp) break;
      postPodStatus(cluster, runtime);
      if (pod.spec?.restartPolicy !== undefined && pod.spec.restartPolicy !== 'Always')
        setTimer(cluster, dueUs, { kind: 'finish_container', uid, epoch });
      for (const kind of ['startup', 'readiness', 'liveness'] as const)
        armProbe(cluster, pod, runtime, kind);
      break;
    case 'pulling':
    case 'waiting':
      if (!pod.metadata?.deletionTimestamp)
        setTimer(cluster, dueUs, { kind: 'start_container', uid, epoch });
      break;
    default:
      break;
  }
  syncPod(cluster, runtime.key);
}
