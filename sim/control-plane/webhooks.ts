import type { KindMap, Status } from '../../core/observable/index.ts';
import { parseQuantity } from '../../core/tools/index.ts';
import { objectKey } from './kinds.ts';
import { podsSelectedBy } from './object-index.ts';
import { isPodReady } from './pod-status.ts';
import { matchesSelector } from './selectors.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
import { requestTimedOut, webhookFailed } from './status.ts';

type Pod = KindMap['Pod'];
type Webhook = NonNullable<KindMap['ValidatingWebhookConfiguration']['webhooks']>[number];

const defaultTimeoutSeconds = 10;
/** The API server gives a request so long in all. */
const requestSeconds = 60;

interface Answer {
  /** Why it could not be asked; null when it answered. */
  readonly failure: string | null;
  readonly seconds: number;
}

/** What is left of a request after the mutating webhooks. */
interface Mutation {
  readonly pod: Pod;
  readonly refusal: Status | null;
  /** Time of the request that they used. */
  readonly seconds: number;
}

/**
 * Asks the mutating webhooks one after the other. A webhook whose Service takes no traffic, or
 * whose certificate is not of its `caBundle`, fails; one with a `url` lies outside the cluster and
 * never answers here.
 */
export function callMutatingWebhooks(cluster: Cluster, pod: Pod): Mutation {
  let changed = pod;
  let seconds = 0;
  const mutating = hooksFor(cluster, 'MutatingWebhookConfiguration', pod);
  for (const hook of mutating) {
    const answer = ask(cluster, hook);
    seconds += answer.seconds;
    if (seconds >= requestSeconds) return { pod, refusal: requestTimedOut(), seconds };
    const refusal = refusalOf(hook, answer);
    if (refusal) return { pod, refusal, seconds };
    if (answer.failure === null) changed = mutate(cluster, hook, changed);
  }
  return { pod: changed, refusal: null, seconds };
}

/** Asks the validating webhooks together, in the time that the mutating ones left. */
export function callValidatingWebhooks(
  cluster: Cluster,
  { pod, seconds }: Pick<Mutation, 'pod' | 'seconds'>,
): Status | null {
  let longest = 0;
  for (const hook of hooksFor(cluster, 'ValidatingWebhookConfiguration', pod)) {
    const answer = ask(cluster, hook);
    longest = Math.max(longest, answer.seconds);
    const refusal = refusalOf(hook, answer);
    if (refusal) return refusal;
  }
  return seconds + longest >= requestSeconds ? requestTimedOut() : null;
}

function hooksFor(
  cluster: Cluster,
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration',
  pod: Pod,
): Webhook[] {
  const namespace = findObject(cluster, 'Namespace', pod.metadata?.namespace ?? '');
  const hooks: Webhook[] = [];
  for (const configuration of objectsOf(cluster, kind).values()) {
    for (const hook of (configuration.webhooks ?? []) as Webhook[]) {
      const isMeant =
        (hook.rules ?? []).some(isAboutNewPods) &&
        (!hook.namespaceSelector ||
          matchesSelector(hook.namespaceSelector, namespace?.metadata?.labels)) &&
        (!hook.objectSelector || matchesSelector(hook.objectSelector, pod.metadata?.labels));
      if (isMeant) hooks.push(hook);
    }
  }
  return hooks;
}

function isAboutNewPods({
  operations = [],
  resources = [],
}: NonNullable<Webhook['rules']>[number]): boolean {
  const includes = (names: readonly string[], name: string): boolean =>
    names.includes(name) || names.includes('*');
  return includes(operations, 'CREATE') && includes(resources, 'pods');
}

function ask(cluster: Cluster, { clientConfig, timeoutSeconds }: Webhook): Answer {
  const timeout = timeoutSeconds ?? defaultTimeoutSeconds;
  const { service, url, caBundle } = clientConfig;
  if (service === undefined) {
    const post = `failed to call webhook: Post "${url}?timeout=${timeout}s"`;
    return { failure: `${post}: context deadline exceeded`, seconds: timeout };
  }
  const { name, namespace, port = 443, path = '/' } = service;
  const post = `failed to call webhook: Post "https://${name}.${namespace}.svc:${port}${path}?timeout=${timeout}s"`;
  const found = findObject(cluster, 'Service', objectKey(namespace, name));
  if (found === undefined) return { failure: `${post}: service "${name}" not found`, seconds: 0 };
  if (!podsSelectedBy(cluster, found).some(isPodReady)) {
    return { failure: `${post}: no endpoints available for service "${name}"`, seconds: 0 };
  }
  const secret = findObject(cluster, 'Secret', objectKey(namespace, `${name}-tls`));
  const certificate = secret?.data?.['ca.crt'];
  if (certificate !== undefined && certificate !== caBundle) {
    const why = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    return { failure: `${post}: ${why}`, seconds: 0 };
  }
  return { failure: null, seconds: 0 };
}

function refusalOf({ name, failurePolicy }: Webhook, { failure }: Answer): Status | null {
  return failure === null || failurePolicy === 'Ignore' ? null : webhookFailed(name, failure);
}

/** A mutating webhook caps limits and requests at what the ConfigMap of its Service says. */
function mutate(cluster: Cluster, { clientConfig }: Webhook, pod: Pod): Pod {
  const { name = '', namespace = '' } = clientConfig.service ?? {};
  const caps = findObject(cluster, 'ConfigMap', objectKey(namespace, name))?.data ?? {};
  if (pod.spec === undefined) return pod;
  const capped = (amounts: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(
      Object.entries(amounts).map(([resource, amount]) => {
        const cap = caps[`limits.${resource}`];
        const isMore = cap !== undefined && parseQuantity(amount) > parseQuantity(cap);
        return [resource, isMore ? cap : amount];
      }),
    );
  const containers = pod.spec.containers.map((container) => {
    const { limits, requests } = container.resources ?? {};
    return {
      ...container,
      resources: {
        ...container.resources,
        ...(limits ? { limits: capped(limits) } : {}),
        ...(requests ? { requests: capped(requests) } : {}),
      },
    };
  });
  return { ...pod, spec: { ...pod.spec, containers } };
}
