import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { deletePod } from './pod-deletion.ts';
import type { Cluster } from './state.ts';
import { dropObject } from './store.ts';

const manager = 'kube-controller-manager';

/** Deletes what an object owned, and for a namespace all that is in it, in the background. */
export function collectGarbage(cluster: Cluster, owner: KubernetesObject): void {
  const { uid, name } = owner.metadata ?? {};
  const isOrphan = (object: KubernetesObject): boolean =>
    (object.metadata?.ownerReferences ?? []).some((reference) => reference.uid === uid) ||
    (owner.kind === 'Namespace' && object.metadata?.namespace === name);
  for (const objects of [...cluster.state.objects.values()]) {
    for (const object of [...objects.values()]) {
      if (!isOrphan(object)) continue;
      if (object.kind === 'Pod') {
        deletePod(cluster, object as KindMap['Pod'], { manager });
      } else {
        dropObject(cluster, object);
        collectGarbage(cluster, object);
      }
    }
  }
}
