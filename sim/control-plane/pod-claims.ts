import type { KindMap } from '../../core/observable/index.ts';
import { podRequest, runtimeOf } from './pod-runtime.ts';
import { isPodFinished } from './pod-status.ts';
import type { Cluster } from './state.ts';

type Pod = KindMap['Pod'];

/** What a pod takes of its node. */
export interface PodClaims {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** Ports of the node itself, as `TCP/8080`. */
  readonly hostPorts: readonly string[];
  readonly workload: string;
  readonly isFinished: boolean;
}

/** Stored pods never change: a new version is another object. */
const known = new WeakMap<Pod, PodClaims>();

/** The claims of a stored pod, read once per version of it. */
export function claimsOf(cluster: Cluster, pod: Pod): PodClaims {
  const before = known.get(pod);
  if (before) return before;
  const claims: PodClaims = {
    cpuCores: podRequest(pod, 'cpu'),
    memoryBytes: podRequest(pod, 'memory'),
    hostPorts: hostPortsOf(pod),
    workload: runtimeOf(cluster, pod).workload,
    isFinished: isPodFinished(pod),
  };
  known.set(pod, claims);
  return claims;
}

/** Whether a pod has rules about others on its node or in its zone. */
export function repels({ spec }: Pod): boolean {
  const { podAntiAffinity } = spec?.affinity ?? {};
  return (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0;
}

function hostPortsOf({ spec }: Pod): string[] {
  const ports: string[] = [];
  for (const container of spec?.containers ?? []) {
    for (const { hostPort, protocol = 'TCP' } of container.ports ?? []) {
      if (hostPort !== undefined) ports.push(`${protocol}/${hostPort}`);
    }
  }
  return ports;
}
