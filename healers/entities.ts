import {
  type ComponentId,
  componentKind,
  componentName,
  deploymentTarget,
  type HealerContext,
  nodesOfZone,
  type ServiceEntry,
  zonesOf,
} from '../core/observable/index.ts';
import type { TargetKind } from './policy-set.ts';

/** Something that an action can be asked of, and that a condition can be evaluated for. */
export interface Entity {
  readonly kind: TargetKind;
  /** Name of the service, node or zone. */
  readonly name: string;
  /** The target text of actions on it. */
  readonly target: string;
}

/** What exists, and where it runs. */
type Inventory = Pick<HealerContext, 'topology' | 'pods'>;

/** The entities of a kind that a component stands for; empty when it stands for none. */
export function entitiesOf(
  component: ComponentId,
  kind: TargetKind,
  inventory: Inventory,
): readonly Entity[] {
  if (kind === 'deployment') {
    const service = serviceOf(component, inventory);
    return service ? [deploymentEntity(service)] : [];
  }
  if (kind === 'zone') {
    const zone = zoneOf(component, inventory);
    return zone === undefined ? [] : [{ kind, name: zone, target: `zone/${zone}` }];
  }
  return nodesOf(component, inventory).map(nodeEntity);
}

/** The entity with that name (for deployments the workload's, in a namespace or any). */
export function namedEntity(
  kind: TargetKind,
  name: string,
  namespace: string | null,
  inventory: Inventory,
): Entity | undefined {
  if (kind !== 'deployment') return { kind, name, target: `${kind}/${name}` };
  const service = inventory.topology.services.find(
    (entry) => entry.workload === name && (namespace === null || entry.namespace === namespace),
  );
  return service && isDeployed(service) ? deploymentEntity(service) : undefined;
}

/** Every entity of a kind, in topology order. */
export function allEntities(kind: TargetKind, inventory: Inventory): readonly Entity[] {
  const { topology } = inventory;
  if (kind === 'deployment') return topology.services.filter(isDeployed).map(deploymentEntity);
  if (kind === 'node') return topology.nodes.map((node) => nodeEntity(node.name));
  return zonesOf(topology).map((name) => ({ kind, name, target: `zone/${name}` }));
}

function deploymentEntity(service: ServiceEntry): Entity {
  return { kind: 'deployment', name: service.name, target: deploymentTarget(service) };
}

function nodeEntity(name: string): Entity {
  return { kind: 'node', name, target: `node/${name}` };
}

function isDeployed(service: ServiceEntry): boolean {
  return service.kind !== 'external' && service.workload !== '';
}

function serviceOf(
  component: ComponentId,
  { topology, pods }: Inventory,
): ServiceEntry | undefined {
  const name = componentName(component);
  const find = (wanted: string): ServiceEntry | undefined =>
    topology.services.find(
      (entry) => isDeployed(entry) && (entry.name === wanted || entry.workload === wanted),
    );
  switch (componentKind(component)) {
    case 'service':
      return find(name);
    case 'edge':
      return find(name.slice(name.indexOf('->') + 2));
    case 'pod': {
      const podName = name.slice(name.indexOf('/') + 1);
      const placed = pods.find((pod) => `${pod.namespace}/${pod.pod}` === name);
      return placed ? find(placed.service) : find(podName.split('-').slice(0, -2).join('-'));
    }
    case 'release':
    case 'config':
      return find(name) ?? find(name.split(/[@:/]/)[0] as string);
    case 'user':
      return find(topology.entryService);
    default:
      return undefined;
  }
}

function nodesOf(component: ComponentId, { topology, pods }: Inventory): readonly string[] {
  const name = componentName(component);
  switch (componentKind(component)) {
    case 'node':
      return topology.nodes.some((node) => node.name === name) ? [name] : [];
    case 'zone':
      return nodesOfZone(topology, name);
    case 'pod':
      return pods.filter((pod) => `${pod.namespace}/${pod.pod}` === name).map((pod) => pod.node);
    default:
      return [];
  }
}

function zoneOf(component: ComponentId, { topology, pods }: Inventory): string | undefined {
  const name = componentName(component);
  switch (componentKind(component)) {
    case 'zone':
      return topology.nodes.some((node) => node.zone === name) ? name : undefined;
    case 'node':
      return topology.nodes.find((node) => node.name === name)?.zone;
    case 'pod':
      return pods.find((pod) => `${pod.namespace}/${pod.pod}` === name)?.zone;
    default:
      return undefined;
  }
}
