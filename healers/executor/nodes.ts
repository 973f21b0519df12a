import type { KindMap } from '../../core/observable/index.ts';
import {
  afterWrite,
  done,
  type Effect,
  failed,
  messageOf,
  noChange,
  type Order,
  partial,
  refusedByApi,
  writeOptions,
} from './effect.ts';

type Pod = KindMap['Pod'];

/**
 * Calls per node after which a drain that disruption budgets hold up is given up: ten minutes of
 * scrapes.
 */
const drainAttemptsMax = 40;

/** `kubectl cordon`: nothing new is scheduled to the node. */
export async function cordon({ cluster, target }: Order): Promise<Effect> {
  const { name } = target;
  const found = await cluster.get({ kind: 'Node', name });
  if (!found.ok) return refusedByApi(found.status);
  if (found.object.spec?.unschedulable) {
    return noChange(`node "${name}" is cordoned already`, { unschedulable: 'true' });
  }
  const result = await cluster.patch(
    { kind: 'Node', name },
    { type: 'strategic', body: { spec: { unschedulable: true } } },
    writeOptions,
  );
  return afterWrite(result, () =>
    done(`node "${name}" cordoned`, { unschedulable: 'false' }, { unschedulable: 'true' }),
  );
}

/**
 * `kubectl drain --ignore-daemonsets`: cordon, then evict every pod through the eviction API, which
 * obeys disruption budgets. What a budget holds back is reported as `partial`; the same call
 * later goes on where this one stopped, at most {@link drainAttemptsMax} times. Never by force.
 */
export async function drain(order: Order, attempts: Map<string, number>): Promise<Effect> {
  const { cluster, target } = order;
  const { name } = target;
  const cordoned = await cordon(order);
  if (cordoned.outcome === 'failed') return cordoned;
  const listed = await cluster.list('Pod');
  if (!listed.ok) return refusedByApi(listed.status);
  const pods = listed.object.filter((pod) => pod.spec?.nodeName === name && isEvictable(pod));
  const refusals: string[] = [];
  let held = 0;
  for (const { metadata } of pods) {
    const podName = metadata?.name ?? '';
    const namespace = metadata?.namespace ?? 'default';
    const result = await cluster.evict({ kind: 'Pod', namespace, name: podName }, writeOptions);
    if (result.ok || result.status.code === 404) continue;
    refusals.push(`${podName}: ${messageOf(result.status)}`);
    if (result.status.code === 429) held += 1;
  }
  const evicted = pods.length - refusals.length;
  if (pods.length === 0 && cordoned.outcome === 'no_change') {
    attempts.delete(name);
    return noChange(`node "${name}" is drained already`, { pods: 0 });
  }
  const tries = (attempts.get(name) ?? 0) + 1;
  attempts.set(name, tries);
  const before = { pods: pods.length };
  if (refusals.length === 0) {
    attempts.delete(name);
    return done(`node "${name}" drained: ${evicted} pods evicted`, before, { pods: 0, evicted });
  }
  const after = { pods: refusals.length, evicted };
  const detail = `${evicted} of ${pods.length} pods evicted; ${refusals.join('; ')}`;
  if (held > 0 && tries < drainAttemptsMax) return partial(detail, before, after);
  return evicted > 0 ? done(detail, before, after) : failed(detail, before, after);
}

/** Not those of DaemonSets, which ignore cordons, nor mirror, finished or already leaving pods. */
function isEvictable({ metadata, status }: Pod): boolean {
  if (metadata?.deletionTimestamp) return false;
  if (metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) return false;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false;
  return !metadata?.ownerReferences?.some(({ kind }) => kind === 'DaemonSet');
}
