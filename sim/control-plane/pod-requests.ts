import { patchObject } from './api.ts';
import type { Cluster } from './state.ts';

const manager = { fieldManager: 'kubectl-patch' };

/** Carries out what pods have asked of the API server; one that is refused changes nothing. */
export function playRequests(cluster: Cluster): void {
  const { requests } = cluster.state;
  if (requests.length === 0) return;
  cluster.state.requests = [];
  for (const { object, body } of requests) {
    patchObject(cluster, object, { patch: { type: 'strategic', body }, options: manager });
  }
}
