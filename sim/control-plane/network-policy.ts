/** Which packets the NetworkPolicies of a cluster let through. */
import type { KindMap } from '../../core/observable/index.ts';
import { matchesSelector } from './selectors.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';

type Pod = KindMap['Pod'];
type Policy = KindMap['NetworkPolicy'];
type PolicySpec = NonNullable<Policy['spec']>;
type Rule = {
  /** The namespace of the policy, which is that of the pod it selects. */
  readonly own: string | undefined;
  readonly peers: readonly Peer[] | undefined;
  readonly ports: NonNullable<NonNullable<PolicySpec['ingress']>[number]>['ports'];
};
type Peer = NonNullable<NonNullable<NonNullable<PolicySpec['ingress']>[number]>['_from']>[number];

/** A connection to a port of a pod; from null: from outside the cluster. */
export interface Connection {
  readonly from: Pod | null;
  readonly to: Pod;
  readonly port: number;
}

/** The policies that select a pod for one direction. */
function policiesFor(cluster: Cluster, pod: Pod, type: 'Ingress' | 'Egress'): Policy[] {
  return [...objectsOf(cluster, 'NetworkPolicy').values()].filter(
    ({ metadata, spec }) =>
      metadata?.namespace === pod.metadata?.namespace &&
      typesOf(spec).includes(type) &&
      matchesSelector(spec?.podSelector ?? {}, pod.metadata?.labels),
  );
}

/** Without types a policy is about ingress, and about egress if it has rules for it. */
function typesOf(spec: PolicySpec | undefined): readonly string[] {
  return spec?.policyTypes ?? (spec?.egress ? ['Ingress', 'Egress'] : ['Ingress']);
}

/** Whether both ends' policies allow a connection; a pod that none selects allows all. */
export function isAllowed(cluster: Cluster, { from, to, port }: Connection): boolean {
  const ingress = policiesFor(cluster, to, 'Ingress');
  if (
    ingress.length > 0 &&
    !ingress.some(({ spec }) =>
      (spec?.ingress ?? []).some((rule) =>
        allows(
          cluster,
          { peers: peersOf(rule, 'from'), ports: rule.ports, own: to.metadata?.namespace },
          { pod: to, port, peer: from },
        ),
      ),
    )
  ) {
    return false;
  }
  if (from === null) return true;
  const egress = policiesFor(cluster, from, 'Egress');
  return (
    egress.length === 0 ||
    egress.some(({ spec }) =>
      (spec?.egress ?? []).some((rule) =>
        allows(
          cluster,
          { peers: rule.to, ports: rule.ports, own: from.metadata?.namespace },
          { pod: to, port, peer: to },
        ),
      ),
    )
  );
}

/** The client library calls the field `_from`, since `from` is a word of some languages. */
function peersOf(rule: object, name: string): readonly Peer[] | undefined {
  const fields = rule as Record<string, readonly Peer[] | undefined>;
  return fields[name] ?? fields[`_${name}`];
}

function allows(
  cluster: Cluster,
  { own, peers, ports }: Rule,
  { pod, port, peer }: { pod: Pod; port: number; peer: Pod | null },
): boolean {
  const hasPort =
    ports === undefined ||
    ports.length === 0 ||
    ports.some(({ port: wanted }) => wanted === undefined || portNumber(pod, wanted) === port);
  if (!hasPort) return false;
  if (peers === undefined || peers.length === 0) return true;
  return peers.some((one) => isPeer(cluster, one, { own, pod: peer }));
}

function portNumber(pod: Pod, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  for (const { ports = [] } of pod.spec?.containers ?? []) {
    const named = ports.find(({ name }) => name === port);
    if (named) return named.containerPort;
  }
  return undefined;
}

/** Without a namespace selector only pods of the policy's own namespace are meant. */
function isPeer(
  cluster: Cluster,
  peer: Peer,
  { own, pod }: { own: string | undefined; pod: Pod | null },
): boolean {
  // Address blocks are taken for the outside world, unless they are everything.
  if (peer.ipBlock) return pod === null || peer.ipBlock.cidr === '0.0.0.0/0';
  if (pod === null) return false;
  const namespace = pod.metadata?.namespace ?? '';
  const labels = findObject(cluster, 'Namespace', namespace)?.metadata?.labels;
  const isThere = peer.namespaceSelector
    ? matchesSelector(peer.namespaceSelector, labels)
    : namespace === (own ?? '');
  if (!isThere) return false;
  return !peer.podSelector || matchesSelector(peer.podSelector, pod.metadata?.labels);
}
