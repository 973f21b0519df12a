import type { ClusterApi, PodPlacement, Topology } from '../core/observable/index.ts';
import { imageTag } from '../core/tools/index.ts';

/** Where pods run, read through the API as any operator could; empty when the API refuses. */
export async function readPlacements(
  cluster: ClusterApi,
  topology: Topology,
): Promise<PodPlacement[]> {
  const pods = await cluster.list('Pod');
  if (!pods.ok) return [];
  const zones = new Map(topology.nodes.map((node) => [node.name, node.zone]));
  const services = new Map(
    topology.services.map((service) => [`${service.namespace}/${service.workload}`, service.name]),
  );
  const placements: PodPlacement[] = [];
  for (const { metadata, spec, status } of pods.object) {
    const owner = metadata?.ownerReferences?.[0]?.name ?? '';
    const namespace = metadata?.namespace ?? 'default';
    const service = services.get(`${namespace}/${owner.slice(0, owner.lastIndexOf('-'))}`);
    if (!service || !spec?.nodeName) continue;
    const container = status?.containerStatuses?.[0];
    placements.push({
      pod: metadata?.name ?? '',
      namespace,
      service,
      node: spec.nodeName,
      zone: zones.get(spec.nodeName) ?? '',
      release: imageTag(spec.containers[0]?.image ?? ''),
      ready:
        status?.conditions?.some(
          (condition) => condition.type === 'Ready' && condition.status === 'True',
        ) ?? false,
      restartCount: container?.restartCount ?? 0,
      lastTerminationReason: container?.lastState?.terminated?.reason ?? null,
    });
  }
  return placements;
}
