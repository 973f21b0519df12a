/** Whether a probe asks what the process answers. */
import type { KindMap } from '../../core/observable/index.ts';
import { isEqualJson } from './plain.ts';
import { factsOf, type WorkloadFacts } from './process-facts.ts';
import { listeningPorts } from './process-start.ts';
import type { Cluster, PodRuntime } from './state.ts';

type Pod = KindMap['Pod'];
type Container = NonNullable<Pod['spec']>['containers'][number];
type Probe = NonNullable<Container['readinessProbe']>;

/**
 * Why a running process never passes a probe, in the kubelet's words; null when it may. A process
 * serves the protocols and paths that the probes of the manifests ask for, and any port may be
 * opened by TCP on which it listens.
 */
export function probeMismatch(
  cluster: Cluster,
  pod: Pod,
  { runtime, container, probe }: { runtime: PodRuntime; container: Container; probe: Probe },
): string | null {
  const facts = factsOf(cluster.setup).workloads.get(runtime.workload);
  const shipped = shippedProbes(facts, container.name);
  if (facts === undefined || shipped.length === 0) return null;
  const isUsual = !cluster.state.unusualPods.has(runtime.uid);
  if (isUsual && shipped.some((one) => isEqualJson(checkOf(one), checkOf(probe)))) {
    return null;
  }
  if (probe.exec) return null;
  const port = probePort(probe, container);
  const address = `${pod.status?.podIP ?? ''}:${port}`;
  if (!listeningPorts(cluster, pod, runtime).includes(Number(port))) {
    return refusedText(probe, address);
  }
  if (probe.tcpSocket) return null;
  if (probe.grpc) {
    if (shipped.some(({ grpc }) => grpc)) return null;
    return `timeout: failed to connect service "${address}" within ${probe.timeoutSeconds ?? 1}s: context deadline exceeded`;
  }
  const paths = shipped.flatMap(({ httpGet }) => (httpGet ? [httpGet.path ?? '/'] : []));
  const path = probe.httpGet?.path ?? '/';
  if (paths.includes(path)) return null;
  if (paths.length > 0) return 'HTTP probe failed with statuscode: 404';
  return `Get "http://${address}${path}": net/http: HTTP/1.x transport connection broken: malformed HTTP response`;
}

function shippedProbes(facts: WorkloadFacts | undefined, name: string): readonly Probe[] {
  const { readinessProbe, livenessProbe, startupProbe } = facts?.containers.get(name) ?? {};
  return [readinessProbe, livenessProbe, startupProbe].filter((probe) => probe !== undefined);
}

/** What is asked, without how often and how patiently. */
function checkOf({ httpGet, grpc, tcpSocket, exec }: Probe): unknown {
  const { path = '/', port } = httpGet ?? {};
  return {
    http: httpGet ? { path, port } : undefined,
    grpc: grpc?.port,
    tcp: tcpSocket?.port,
    exec: exec?.command,
  };
}

/** The port a probe goes to; a name that the container does not know stays a name. */
export function probePort(probe: Probe, container: Container): number | string {
  const port = probe.grpc?.port ?? probe.httpGet?.port ?? probe.tcpSocket?.port ?? 0;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
}

/** The kubelet's wording while nothing listens. */
export function refusedText(probe: Probe, address: string): string {
  if (probe.grpc) {
    return `timeout: failed to connect service "${address}" within ${probe.timeoutSeconds ?? 1}s: context deadline exceeded`;
  }
  const dial = `dial tcp ${address}: connect: connection refused`;
  const { scheme = 'HTTP', path = '/' } = probe.httpGet ?? {};
  return probe.httpGet ? `Get "${scheme.toLowerCase()}://${address}${path}": ${dial}` : dial;
}
