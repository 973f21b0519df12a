import type { ClusterComponent } from '../../core/truth/index.ts';
import type { Cluster } from './state.ts';

export function isDown({ state }: Cluster, component: ClusterComponent): boolean {
  return state.down.has(component);
}

/** Neither controllers nor anybody else can write. */
export function isWriteBlocked(cluster: Cluster): boolean {
  return isDown(cluster, 'api_server') || isDown(cluster, 'etcd');
}

/** The controller manager does nothing: it is not there, or cannot write. */
export function isManagerStalled(cluster: Cluster): boolean {
  return isDown(cluster, 'controller_manager') || isWriteBlocked(cluster);
}
