import { componentName, type ServiceEntry, type Topology } from '../core/observable/index.ts';
import { renderDuration, suggestNames, UsageError } from '../core/tools/index.ts';
import type { Fault } from '../core/truth/index.ts';

/** A Chaos Mesh object. */
export interface ChaosManifest {
  readonly apiVersion: 'chaos-mesh.org/v1alpha1';
  readonly kind:
    | 'NetworkChaos'
    | 'StressChaos'
    | 'HTTPChaos'
    | 'IOChaos'
    | 'DNSChaos'
    | 'TimeChaos'
    | 'PodChaos';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Something a fault does that Chaos Mesh cannot do, and what to do by hand. */
export interface NotExpressible {
  readonly fault: string;
  readonly why: string;
  readonly instead: string;
}

/** What one fault compiles to. */
export interface CompiledFault {
  readonly manifests: readonly ChaosManifest[];
  readonly notExpressible: readonly NotExpressible[];
}

/** What compilers know beside the fault. */
export interface CompileContext {
  readonly topology: Topology;
  readonly clusterName: string;
  /** `<scenario>-<position of the fault>`, a valid object name. */
  readonly namePrefix: string;
  /** Ports of services that speak plain HTTP/1.1. */
  readonly httpPorts: Readonly<Record<string, number>>;
}

/**
 * An object with the fault's start noted and its duration set; without one it lasts until
 * deleted.
 */
export function createManifest(
  context: CompileContext,
  fault: Fault,
  part: { kind: ChaosManifest['kind']; suffix: string; spec: Record<string, unknown> },
): ChaosManifest {
  const name = [context.namePrefix, part.suffix].join('-').toLowerCase();
  return {
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: part.kind,
    metadata: {
      name: name.replace(/[^a-z0-9.-]+/g, '-'),
      namespace: context.topology.services[0]?.namespace ?? 'default',
      annotations: { 'firedrill/start-after': renderDuration(fault.startMs) },
    },
    spec: {
      ...part.spec,
      ...(fault.durationMs === null ? {} : { duration: renderDuration(fault.durationMs) }),
    },
  };
}

/** The service a fault targets; faults on services the topology does not know are a UsageError. */
export function targetService({ kind, target }: Fault, topology: Topology): ServiceEntry {
  const name = componentName(target);
  const service = topology.services.find((entry) => entry.name === name);
  if (service) return service;
  throw new UsageError(
    `fault ${kind}: unknown service "${name}" in topology ${topology.name}`,
    suggestNames(
      name,
      topology.services.map((entry) => entry.name),
    ),
  );
}

/** Selects the pods of a service by the label that its manifests carry. */
export function selectService({ name, namespace }: ServiceEntry): Record<string, unknown> {
  return { namespaces: [namespace], labelSelectors: { app: name } };
}

/** Every namespace of the topology's services, sorted. */
export function namespacesOf({ services }: Topology): string[] {
  return [...new Set(services.map(({ namespace }) => namespace))].sort();
}
