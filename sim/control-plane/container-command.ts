import type { Kind, KindMap } from '../../core/observable/index.ts';
import { procedureOf } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';
import { isRecord } from './plain.ts';
import { type Cluster, findObject } from './state.ts';

type Pod = KindMap['Pod'];

/** The runbook's image logs on, looks around, acts, and looks again. */
const procedureUs = 20_000_000;
/** A short script without a `sleep`. */
const scriptUs = 5_000_000;

/** How long the container of a pod that is to end runs, in microseconds. */
export function commandUs(cluster: Cluster, pod: Pod): number {
  const job = jobOf(cluster, pod);
  if (job && procedureOf(job)) return procedureUs;
  const [program, seconds] = commandLine(pod);
  return program === 'sleep' ? Math.round(Number(seconds) * 1_000_000) : scriptUs;
}

/** What the container's command comes to when it ends: its exit code. */
export function runCommand(cluster: Cluster, pod: Pod): number {
  const [program, ...words] = commandLine(pod);
  if (program === 'kubectl') return runKubectl(cluster, pod, words);
  return program === 'false' ? 1 : 0;
}

/** `kubectl patch KIND NAME -p JSON` in the pod's namespace: a strategic merge patch. */
function runKubectl(cluster: Cluster, pod: Pod, words: readonly string[]): number {
  const [verb, kind = '', name = '', flag, text = ''] = words;
  const body = flag === '-p' ? parseJson(text) : undefined;
  const namespace = pod.metadata?.namespace ?? '';
  if (verb !== 'patch' || body === undefined) return 1;
  if (!findObject(cluster, kind as Kind, objectKey(namespace, name))) return 1;
  cluster.state.requests.push({ object: { kind: kind as Kind, namespace, name }, body });
  return 0;
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The Job that owns a pod. */
export function jobOf(cluster: Cluster, pod: Pod): KindMap['Job'] | undefined {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind !== 'Job') return undefined;
  return findObject(cluster, 'Job', objectKey(pod.metadata?.namespace, owner.name));
}

function commandLine(pod: Pod): string[] {
  const { command = [], args = [] } = pod.spec?.containers[0] ?? {};
  return [...command, ...args];
}
