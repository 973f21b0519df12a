import type { KindMap } from '../../core/observable/index.ts';
import { formatInstant } from '../../core/tools/index.ts';
import type { Cluster } from './state.ts';
import { dropObject, updateObject } from './store.ts';

/**
 * Deletes a pod as DELETE does: a bound pod gets a deletionTimestamp and goes when its kubelet says
 * so; an unbound one, or grace 0, goes at once.
 */
export function deletePod(
  cluster: Cluster,
  pod: KindMap['Pod'],
  options: { readonly manager: string; readonly gracePeriodSeconds?: number },
): KindMap['Pod'] {
  const grace = options.gracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
  if (!pod.spec?.nodeName || grace === 0) {
    dropObject(cluster, pod);
    return pod;
  }
  const pending = pod.metadata?.deletionGracePeriodSeconds;
  if (pod.metadata?.deletionTimestamp && (pending ?? 0) <= grace) return pod;
  const metadata = {
    ...pod.metadata,
    generation: (pod.metadata?.generation ?? 1) + 1,
    deletionTimestamp: formatInstant(cluster.state.nowUs / 1000 + grace * 1000),
    deletionGracePeriodSeconds: grace,
  };
  return updateObject(cluster, pod, { ...pod, metadata }, options.manager);
}
