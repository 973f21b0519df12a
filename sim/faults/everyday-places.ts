import { edgeId, type KindMap } from '../../core/observable/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';

type Deployment = KindMap['Deployment'];

interface RedundantService {
  readonly name: string;
  readonly namespace: string;
  readonly workload: string;
  /** The first container's name. */
  readonly container: string;
}

/** Where everyday things happen in a topology. */
export interface EverydayPlaces {
  /** Services with several pods, whose callers hardly miss one of them. */
  readonly redundant: readonly RedundantService[];
  readonly services: readonly string[];
  /** Services whose every caller can do without them. */
  readonly dispensable: readonly string[];
  readonly nodes: readonly { readonly name: string; readonly cpuCores: number }[];
  readonly edges: readonly string[];
  readonly journeys: readonly string[];
}

export function everydayPlaces(spec: TwinSpec): EverydayPlaces {
  const calls = spec.services.flatMap(({ name, operations }) =>
    operations.flatMap((operation) => operation.calls.map((call) => ({ from: name, ...call }))),
  );
  const entries = new Set(spec.journeys.map(({ service }) => service));
  const needed = new Set(calls.filter(({ optional }) => !optional).map(({ service }) => service));
  return {
    redundant: redundantServices(spec),
    services: spec.services.map(({ name }) => name),
    dispensable: spec.services
      .map(({ name }) => name)
      .filter((name) => !entries.has(name) && !needed.has(name)),
    nodes: spec.nodes,
    edges: [...new Set(calls.map(({ from, service }) => edgeId(from, service)))],
    journeys: spec.journeys.map(({ name }) => name),
  };
}

function redundantServices(spec: TwinSpec): RedundantService[] {
  return spec.services.flatMap(({ name, kind, workload, namespace }) => {
    const deployment = spec.objects.find(
      ({ kind: of, metadata }) =>
        of === 'Deployment' && metadata?.name === workload && metadata.namespace === namespace,
    );
    if (deployment?.kind !== 'Deployment' || kind !== 'service') return [];
    const { replicas, template } = (deployment as Deployment).spec ?? {};
    const container = template?.spec?.containers[0]?.name ?? '';
    return (replicas ?? 1) > 1 ? [{ name, namespace, workload, container }] : [];
  });
}
