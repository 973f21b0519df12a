import { edgeId, type KindMap } from '../../core/observable/index.ts';
import { parseQuantity } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';

type Deployment = KindMap['Deployment'];

/** A service with pods of its own and no state. */
interface Stateless {
  readonly name: string;
  readonly namespace: string;
  readonly workload: string;
  /** The first container's name, and what it may use; 0: as much as it likes. */
  readonly container: string;
  readonly memoryLimitBytes: number;
  readonly cpuLimitCores: number;
  readonly replicas: number;
  /** An autoscaler looks after the number of its pods. */
  readonly isScaled: boolean;
}

/** Where everyday things happen in a topology. */
export interface EverydayPlaces {
  /** Services with several pods, whose callers hardly miss one of them. */
  readonly redundant: readonly Stateless[];
  readonly services: readonly string[];
  /** Services whose every caller can do without them. */
  readonly dispensable: readonly Stateless[];
  readonly nodes: readonly { readonly name: string; readonly cpuCores: number }[];
  readonly edges: readonly string[];
  readonly journeys: readonly string[];
  /** Requests of users per second. */
  readonly usersPerSec: number;
}

export function everydayPlaces(spec: TwinSpec): EverydayPlaces {
  const calls = spec.services.flatMap(({ name, operations }) =>
    operations.flatMap((operation) => operation.calls.map((call) => ({ from: name, ...call }))),
  );
  const entries = new Set(spec.journeys.map(({ service }) => service));
  const needed = new Set(calls.filter(({ optional }) => !optional).map(({ service }) => service));
  const stateless = statelessServices(spec);
  return {
    redundant: stateless.filter(({ replicas }) => replicas > 1),
    services: spec.services.map(({ name }) => name),
    dispensable: stateless.filter(({ name }) => !entries.has(name) && !needed.has(name)),
    nodes: spec.nodes,
    edges: [...new Set(calls.map(({ from, service }) => edgeId(from, service)))],
    journeys: spec.journeys.map(({ name }) => name),
    usersPerSec: spec.workload.requestsPerSec,
  };
}

function statelessServices(spec: TwinSpec): Stateless[] {
  return spec.services.flatMap(({ name, kind, workload, namespace }) => {
    const deployment = spec.objects.find(
      ({ kind: of, metadata }) =>
        of === 'Deployment' && metadata?.name === workload && metadata.namespace === namespace,
    );
    if (deployment?.kind !== 'Deployment' || kind !== 'service') return [];
    const { replicas, template } = (deployment as Deployment).spec ?? {};
    const { name: container = '', resources } = template?.spec?.containers[0] ?? {};
    const { cpu = 0, memory = 0 } = resources?.limits ?? {};
    const isScaled = spec.objects.some(
      (object) =>
        object.kind === 'HorizontalPodAutoscaler' &&
        (object as KindMap['HorizontalPodAutoscaler']).spec?.scaleTargetRef.name === workload,
    );
    return [
      {
        ...{ name, namespace, workload, container, isScaled },
        replicas: replicas ?? 1,
        cpuLimitCores: parseQuantity(cpu),
        memoryLimitBytes: parseQuantity(memory),
      },
    ];
  });
}
