import type { ApiResult, KindMap, Status } from '../../core/observable/index.ts';
import { admitPod } from './admission.ts';
import { kindInfo, objectKey } from './kinds.ts';
import { limitRangeRefusal, withRangeDefaults } from './limit-range.ts';
import { podSecurityRefusal } from './pod-security.ts';
import { quotaRefusal } from './quota.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
import { forbidden, invalid } from './status.ts';
import { validate } from './validation.ts';
import { callMutatingWebhooks, callValidatingWebhooks } from './webhooks.ts';

type Pod = KindMap['Pod'];

/**
 * A new pod as the API server's admission leaves it, or why it is refused. As there, all plugins
 * that change it come first (limit ranges' defaults, service account, priority, mutating webhooks),
 * then validation, then those that judge the result: limit ranges, Pod Security, validating
 * webhooks, and quota last.
 */
export function admitNewPod(cluster: Cluster, pod: Pod): ApiResult<Pod> {
  const refuse = (why: string): ApiResult<Pod> => failed(forbid(pod, why));
  const ranged = withRangeDefaults(cluster, pod);
  const account = accountRefusal(cluster, ranged);
  if (account !== null) return refuse(account);
  const prioritised = withPriority(cluster, ranged);
  if (prioritised === null) {
    return refuse(`no PriorityClass with name ${pod.spec?.priorityClassName} was found`);
  }
  const mutated = callMutatingWebhooks(cluster, prioritised);
  if (mutated.refusal !== null) return failed(mutated.refusal);
  const errors = validate(mutated.pod, undefined);
  if (errors.length > 0) return failed(invalid(kindInfo('Pod'), pod.metadata?.name ?? '', errors));
  const refusal =
    limitRangeRefusal(cluster, mutated.pod) ?? podSecurityRefusal(cluster, mutated.pod);
  if (refusal !== null) return refuse(refusal);
  const vetoed = callValidatingWebhooks(cluster, mutated);
  if (vetoed !== null) return failed(vetoed);
  const exceeded = quotaRefusal(cluster, mutated.pod);
  return exceeded === null ? { ok: true, object: admitPod(mutated.pod) } : refuse(exceeded);
}

function failed(status: Status): ApiResult<Pod> {
  return { ok: false, status };
}

function forbid(pod: Pod, why: string): Status {
  return forbidden(kindInfo('Pod'), pod.metadata?.name ?? '', why);
}

/** Every namespace has its `default` account; others must exist. */
function accountRefusal(cluster: Cluster, { metadata, spec }: Pod): string | null {
  const name = spec?.serviceAccountName ?? 'default';
  const key = objectKey(metadata?.namespace, name);
  if (name === 'default' || findObject(cluster, 'ServiceAccount', key)) return null;
  return `error looking up service account ${key}: serviceaccount "${name}" not found`;
}

/** The pod with the priority of its class, or of the default class; null for an unknown class. */
function withPriority(cluster: Cluster, pod: Pod): Pod | null {
  if (pod.spec === undefined) return pod;
  const name = pod.spec.priorityClassName;
  const builtIn = name === undefined ? undefined : systemPriorities[name];
  const priorityClass =
    name === undefined
      ? [...objectsOf(cluster, 'PriorityClass').values()].find(({ globalDefault }) => globalDefault)
      : findObject(cluster, 'PriorityClass', name);
  if (builtIn !== undefined) return { ...pod, spec: { ...pod.spec, priority: builtIn } };
  if (priorityClass === undefined) return name === undefined ? pod : null;
  const { value, preemptionPolicy } = priorityClass;
  const policy = preemptionPolicy === undefined ? {} : { preemptionPolicy };
  const className = priorityClass.metadata?.name ?? '';
  const ranked = { priorityClassName: className, priority: value, ...policy };
  return { ...pod, spec: { ...pod.spec, ...ranked } as NonNullable<Pod['spec']> };
}

const systemPriorities: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};
