import type { KindMap } from '../../core/observable/index.ts';
import { podsSelectedBy } from './object-index.ts';
import { isPodReady } from './pod-status.ts';
import { serviceKeyOf } from './process-facts.ts';
import { type Cluster, findObject } from './state.ts';

type Pod = KindMap['Pod'];
type Container = NonNullable<Pod['spec']>['containers'][number];

/** What the usual scripts of init containers ask of a host before they let the pod start. */
const lookups =
  /\b(nslookup|getent hosts|nc -\w*z\w*|wget|curl)((?:\s+-\S+)*)\s+(?:https?:\/\/)?([a-z][a-z0-9.-]*)/;

/**
 * What an init container comes to: it waits for a name or for a server as `until nslookup …` and
 * `until nc -z …` do, sleeps, or ends; other scripts succeed.
 */
export function initOutcome(
  cluster: Cluster,
  pod: Pod,
  { command = [], args = [] }: Container,
): 'done' | 'waits' | 'crashes' {
  const script = [...command, ...args].join(' ');
  const [, tool = '', , host = ''] = lookups.exec(script) ?? [];
  if (tool !== '' && !answers(cluster, pod, { tool, host })) {
    return /\b(until|while)\b/.test(script) ? 'waits' : 'crashes';
  }
  if (/\bsleep (inf|infinity)\b|\btail -f\b/.test(script)) return 'waits';
  return /^false\b|\bexit [1-9]/.test(script) ? 'crashes' : 'done';
}

function answers(
  cluster: Cluster,
  pod: Pod,
  { tool, host }: { tool: string; host: string },
): boolean {
  const key = serviceKeyOf(host, pod.metadata?.namespace ?? '');
  const service = findObject(cluster, 'Service', key);
  if (service === undefined) return false;
  const isLookup = tool === 'nslookup' || tool.startsWith('getent');
  return isLookup || podsSelectedBy(cluster, service).some(isPodReady);
}
