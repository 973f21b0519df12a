import { describe, expect, it } from 'vitest';
import type { KindMap, KubernetesObject } from '../../../core/observable/index.ts';
import { isAllowed } from '../../../sim/control-plane/network-policy.ts';
import type { Cluster } from '../../../sim/control-plane/state.ts';

type Pod = KindMap['Pod'];

function pod(namespace: string, app: string): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: app, namespace, labels: { app } } };
}

/** As much of a cluster as policies read: two namespaces and one policy about `shop/store`. */
function clusterWith(spec: Record<string, unknown>): Cluster {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'store', namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app: 'store' } }, ...spec },
  } as KindMap['NetworkPolicy'];
  const namespaces = ['shop', 'guests'].map((name): [string, KubernetesObject] => [
    name,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name } } },
  ]);
  const objects = new Map<string, Map<string, KubernetesObject>>([
    ['NetworkPolicy', new Map([['shop/store', policy]])],
    ['Namespace', new Map(namespaces)],
  ]);
  return { state: { objects } } as unknown as Cluster;
}

const store = pod('shop', 'store');
const [here, there] = [pod('shop', 'web'), pod('guests', 'web')] as const;
const web = { podSelector: { matchLabels: { app: 'web' } } };

describe('a pod selector without a namespace selector', () => {
  it('means callers in the namespace of the policy only', () => {
    const cluster = clusterWith({ ingress: [{ from: [web] }] });
    expect(isAllowed(cluster, { from: here, to: store, port: 80 })).toBe(true);
    expect(isAllowed(cluster, { from: there, to: store, port: 80 })).toBe(false);
  });

  it('means callees in the namespace of the policy only', () => {
    const cluster = clusterWith({ policyTypes: ['Egress'], egress: [{ to: [web] }] });
    expect(isAllowed(cluster, { from: store, to: here, port: 80 })).toBe(true);
    expect(isAllowed(cluster, { from: store, to: there, port: 80 })).toBe(false);
  });

  it('means pods of the other namespaces too when these are named', () => {
    const from = [{ ...web, namespaceSelector: {} }];
    const cluster = clusterWith({ ingress: [{ from }] });
    expect(isAllowed(cluster, { from: there, to: store, port: 80 })).toBe(true);
  });
});
