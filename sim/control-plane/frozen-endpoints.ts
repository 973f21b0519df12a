/**
 * A node without its kube-proxy keeps the rules it had: Services lead from there to the pods that
 * were their endpoints when it stopped, whether or not they still exist.
 */
import { onNode } from '../platform-components.ts';
import { factsOf } from './process-facts.ts';
import type { Cluster } from './state.ts';

/** Notes the endpoints of all workloads for a node whose kube-proxy stops; forgets them after. */
export function followProxies({ state }: Cluster, down: ReadonlySet<string>): void {
  for (const { name } of state.nodes.values()) {
    if (!down.has(onNode('kube_proxy', name))) {
      state.frozenEndpoints.delete(name);
      continue;
    }
    if (state.frozenEndpoints.has(name)) continue;
    const frozen = new Map<string, Set<string>>();
    for (const { uid, workload, inEndpoints } of state.runtimes.values()) {
      if (!inEndpoints) continue;
      const uids = frozen.get(workload) ?? new Set<string>();
      frozen.set(workload, uids.add(uid));
    }
    state.frozenEndpoints.set(name, frozen);
  }
}

/**
 * The pods (uid) that a node takes for a workload's endpoints; undefined where its rules follow.
 */
export function frozenEndpoints(
  { state }: Cluster,
  node: string | undefined,
  workload: string,
): ReadonlySet<string> | undefined {
  return state.frozenEndpoints.get(node ?? '')?.get(workload);
}

/** Services whose endpoints are no longer what some node takes them for. */
export function outdatedServices(cluster: Cluster): ReadonlySet<string> {
  const { frozenEndpoints, runtimes } = cluster.state;
  const keys = new Set<string>();
  if (frozenEndpoints.size === 0) return keys;
  const live = new Map<string, number>();
  for (const { workload, inEndpoints } of runtimes.values()) {
    if (inEndpoints) live.set(workload, (live.get(workload) ?? 0) + 1);
  }
  for (const frozen of frozenEndpoints.values()) {
    for (const { service, callee } of factsOf(cluster.setup).edges) {
      const uids = frozen.get(callee);
      if (uids === undefined) continue;
      const isSame =
        live.get(callee) === uids.size &&
        [...uids].every((uid) => runtimes.get(uid)?.inEndpoints === true);
      if (!isSame) keys.add(service);
    }
  }
  return keys;
}
