import type { KindMap } from '../../core/observable/index.ts';
import { parseQuantity } from '../../core/tools/index.ts';
import { podLimit, podRequest } from './pod-runtime.ts';
import { isPodFinished } from './pod-status.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
import { updateObject } from './store.ts';

type Pod = KindMap['Pod'];
type Quota = KindMap['ResourceQuota'];

const manager = 'kube-controller-manager';

/** What a quota may count of a pod; `cpu` and `memory` are short for the requests. */
const measures: Readonly<Record<string, (pod: Pod) => number | undefined>> = {
  pods: () => 1,
  'count/pods': () => 1,
  cpu: (pod) => requestOf(pod, 'cpu'),
  memory: (pod) => requestOf(pod, 'memory'),
  'requests.cpu': (pod) => requestOf(pod, 'cpu'),
  'requests.memory': (pod) => requestOf(pod, 'memory'),
  'limits.cpu': (pod) => podLimit(pod, 'cpu'),
  'limits.memory': (pod) => podLimit(pod, 'memory'),
};

/** Undefined where a container neither requests nor limits the resource. */
function requestOf(pod: Pod, resource: 'cpu' | 'memory'): number | undefined {
  const says = (pod.spec?.containers ?? []).every(
    ({ resources }) =>
      resources?.requests?.[resource] !== undefined || resources?.limits?.[resource] !== undefined,
  );
  return says ? podRequest(pod, resource) : undefined;
}

/** Counts what the namespace uses of a quota into its status. */
export function syncQuota(cluster: Cluster, key: string): void {
  const quota = findObject(cluster, 'ResourceQuota', key);
  if (quota === undefined) return;
  const hard = quota.spec?.hard ?? {};
  const used: Record<string, string> = {};
  for (const name of Object.keys(hard)) used[name] = quantity(name, usage(cluster, quota, name));
  updateObject(cluster, quota, { ...quota, status: { hard, used } }, manager);
}

/** Why the quotas of its namespace forbid a new pod; null when they do not. */
export function quotaRefusal(cluster: Cluster, pod: Pod): string | null {
  for (const quota of objectsOf(cluster, 'ResourceQuota').values()) {
    if (quota.metadata?.namespace !== pod.metadata?.namespace) continue;
    const refusal = refusalOf(cluster, quota, pod);
    if (refusal !== null) return refusal;
  }
  return null;
}

function refusalOf(cluster: Cluster, quota: Quota, pod: Pod): string | null {
  const name = quota.metadata?.name ?? '';
  const missing: string[] = [];
  const exceeded: { name: string; asked: number; used: number; hard: number }[] = [];
  for (const [resource, limit] of Object.entries(quota.spec?.hard ?? {}).sort()) {
    const measure = measures[resource];
    if (measure === undefined) continue;
    const asked = measure(pod);
    if (asked === undefined) missing.push(resource);
    const [used, hard] = [usage(cluster, quota, resource), parseQuantity(limit)];
    if (asked !== undefined && used + asked > hard + 1e-9) {
      exceeded.push({ name: resource, asked, used, hard });
    }
  }
  if (missing.length > 0) {
    const container = pod.spec?.containers[0]?.name ?? '';
    const lines = missing.map((resource) => `must specify ${resource} for: ${container}`);
    return `failed quota: ${name}: ${lines.join('; ')}`;
  }
  if (exceeded.length === 0) return null;
  const list = (field: 'asked' | 'used' | 'hard'): string =>
    exceeded.map((entry) => `${entry.name}=${quantity(entry.name, entry[field])}`).join(',');
  return `exceeded quota: ${name}, requested: ${list('asked')}, used: ${list('used')}, limited: ${list('hard')}`;
}

function usage(cluster: Cluster, quota: Quota, resource: string): number {
  const measure = measures[resource];
  let total = 0;
  for (const pod of objectsOf(cluster, 'Pod').values()) {
    const isCounted = pod.metadata?.namespace === quota.metadata?.namespace && !isPodFinished(pod);
    if (isCounted) total += measure?.(pod) ?? 0;
  }
  return total;
}

/** Cores as millicores where they are not whole, memory in Mi where it is whole. */
function quantity(resource: string, amount: number): string {
  if (resource.endsWith('cpu')) {
    const milli = Math.round(amount * 1000);
    return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
  }
  const mebi = amount / 1_048_576;
  if (resource.endsWith('memory') && amount > 0 && Number.isInteger(mebi)) return `${mebi}Mi`;
  return String(Math.round(amount));
}
