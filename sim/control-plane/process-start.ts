/** Whether a process that was just started lives, and what it read when it started. */
import type { KindMap } from '../../core/observable/index.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { isEqualJson } from './plain.ts';
import { factsOf, type WorkloadFacts } from './process-facts.ts';
import { matchesLabels } from './selectors.ts';
import { settingsSource } from './start-obstacles.ts';
import type { Cluster, PodRuntime } from './state.ts';
import type { EarlyEnd } from './timer-tasks.ts';

type Pod = KindMap['Pod'];
type Container = NonNullable<Pod['spec']>['containers'][number];

/** A shell looks for the command at once; software reads its settings first. */
const shellUs = 50_000;
const settingsUs = 400_000;

/** How the pod's containers end soon after their start; null when they stay. */
export function earlyEnd(cluster: Cluster, pod: Pod, runtime: PodRuntime): EarlyEnd | null {
  const facts = factsOf(cluster.setup).workloads.get(runtime.workload);
  if (facts === undefined) return null;
  const taken = new Map<number, string>();
  for (const container of pod.spec?.containers ?? []) {
    const end =
      commandEnd(container, facts) ??
      settingsEnd(cluster, pod, { container, facts }) ??
      volumeEnd(pod, container) ??
      portEnd(container, portsOf(cluster, pod, { container, facts }), taken);
    if (end) return end;
  }
  return null;
}

/** An image runs what its manifest has it run; of anything else it knows nothing. */
function commandEnd(container: Container, { containers }: WorkloadFacts): EarlyEnd | null {
  const shipped = containers.get(container.name);
  if (shipped === undefined) return null;
  const { command, name } = container;
  if (command && !isEqualJson(command, shipped.command)) {
    const [program = ''] = command;
    if (/(^|\/)(ba|da|a)?sh$/.test(program)) {
      const script = (command.at(-1) ?? '').split(/\s/)[0];
      const message = `${program}: ${script}: not found`;
      return { container: name, afterUs: shellUs, exitCode: 127, reason: 'Error', message };
    }
    const why = program.includes('/')
      ? `stat ${program}: no such file or directory`
      : 'executable file not found in $PATH';
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${program}": ${why}: unknown`;
    return { container: name, afterUs: 0, exitCode: 128, reason: 'StartError', message };
  }
  const unknown = (container.args ?? []).find((arg) => !shipped.args?.includes(arg));
  if (unknown === undefined) return null;
  const message = `unknown flag: ${unknown}`;
  return { container: name, afterUs: shellUs, exitCode: 1, reason: 'Error', message };
}

function settingsEnd(
  cluster: Cluster,
  pod: Pod,
  { container, facts }: { container: Container; facts: WorkloadFacts },
): EarlyEnd | null {
  if (pod.spec?.containers[0] !== container) return null;
  const values = environmentOf(cluster, pod, container);
  const missing = Object.keys(facts.settings).find((name) => !values[name]);
  if (missing === undefined) return null;
  const message = `required environment variable "${missing}" is not set`;
  return { container: container.name, afterUs: settingsUs, exitCode: 1, reason: 'Error', message };
}

function environmentOf(cluster: Cluster, pod: Pod, container: Container): Environment {
  const namespace = pod.metadata?.namespace ?? '';
  const read = readEnvironment(container, { namespace, source: settingsSource(cluster) });
  return 'values' in read ? read.values : {};
}

/** A volume belongs to root unless the pod's fsGroup hands it over. */
function volumeEnd(pod: Pod, container: Container): EarlyEnd | null {
  const { runAsUser = 0, fsGroup } = pod.spec?.securityContext ?? {};
  const user = container.securityContext?.runAsUser ?? runAsUser;
  if (user === 0 || fsGroup !== undefined) return null;
  const claims = (pod.spec?.volumes ?? []).filter(
    ({ persistentVolumeClaim }) => persistentVolumeClaim,
  );
  const mount = (container.volumeMounts ?? []).find(
    ({ name, readOnly }) => !readOnly && claims.some((volume) => volume.name === name),
  );
  if (mount === undefined) return null;
  const message = `open ${mount.mountPath}/.lock: permission denied`;
  return { container: container.name, afterUs: settingsUs, exitCode: 1, reason: 'Error', message };
}

/** Containers of a pod share their ports: who comes first has them. */
function portEnd(
  { name }: Container,
  ports: readonly number[],
  taken: Map<number, string>,
): EarlyEnd | null {
  for (const port of ports) {
    if (taken.has(port)) {
      const message = `listen tcp :${port}: bind: address already in use`;
      return { container: name, afterUs: settingsUs, exitCode: 1, reason: 'Error', message };
    }
    taken.set(port, name);
  }
  return null;
}

/**
 * Where a container's process listens: where its image does, wherever the manifest says it does.
 */
function portsOf(
  cluster: Cluster,
  pod: Pod,
  { container, facts }: { container: Container; facts: WorkloadFacts | undefined },
): readonly number[] {
  const shipped = facts?.containers.get(container.name) ?? container;
  const ports = (shipped.ports ?? []).map(({ containerPort }) => containerPort);
  const isFirst = pod.spec?.containers[0]?.name === container.name;
  const told = isFirst ? Number(environmentOf(cluster, pod, container).PORT) : Number.NaN;
  return Number.isInteger(told) ? [told] : ports;
}

/** All ports on which the pod's processes listen. */
export function listeningPorts(cluster: Cluster, pod: Pod, runtime: PodRuntime): readonly number[] {
  const facts = factsOf(cluster.setup).workloads.get(runtime.workload);
  return (pod.spec?.containers ?? []).flatMap((container) =>
    portsOf(cluster, pod, { container, facts }),
  );
}

/** Notes what the process read when it started, as far as it is not what the manifests say. */
export function noteSettings(cluster: Cluster, pod: Pod, runtime: PodRuntime): void {
  const facts = factsOf(cluster.setup).workloads.get(runtime.workload);
  const container = pod.spec?.containers[0];
  if (facts === undefined || container === undefined) return;
  const values = environmentOf(cluster, pod, container);
  const differs = Object.entries(facts.settings).some(([name, value]) => values[name] !== value);
  runtime.settings = differs
    ? Object.fromEntries(Object.keys(facts.settings).map((name) => [name, values[name] ?? '']))
    : null;
  const isUnusual =
    differs ||
    values.PORT !== undefined ||
    !matchesLabels(facts.labels, pod.metadata?.labels) ||
    !hasPorts(container, facts.containers.get(container.name));
  if (isUnusual) cluster.state.unusualPods.add(runtime.uid);
  else cluster.state.unusualPods.delete(runtime.uid);
}

/** Whether a container names the same ports as another. */
function hasPorts({ ports = [] }: Container, other: Container | undefined): boolean {
  return isEqualJson(ports.map(placeOf), (other?.ports ?? []).map(placeOf));
}

function placeOf({ name, containerPort }: { name?: string; containerPort: number }): unknown {
  return { name, containerPort };
}
