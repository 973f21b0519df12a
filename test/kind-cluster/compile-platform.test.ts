import { describe, expect, it } from 'vitest';
import type { Fault, FaultKind } from '../../core/truth/index.ts';
import { compileToChaosMesh } from '../../kind-cluster/index.ts';
import { findSchemaProblems, readChaosSchemas } from './crd-schema.ts';
import { createEpisode, createFault, topology } from './episodes.ts';

const dataFolder = process.env.FIREDRILL_DATA;

function compile(kind: FaultKind, target: string, parameters: Fault['parameters']) {
  const fault = createFault(kind, target, parameters);
  return compileToChaosMesh(createEpisode('case', [fault]), topology, { httpPorts: {} });
}

describe('killed pods', () => {
  it.each<[Fault['parameters'], Record<string, unknown>]>([
    [
      { mode: 'pod', count: 2 },
      { action: 'pod-kill', mode: 'fixed', value: '2' },
    ],
    [
      { mode: 'pod', share: 0.5 },
      { action: 'pod-kill', mode: 'fixed-percent', value: '50' },
    ],
    [{ mode: 'container' }, { action: 'container-kill', mode: 'fixed', value: '1' }],
  ])('%j are PodChaos', (parameters, expected) => {
    const { manifests, notExpressible } = compile('pod_kill', 'service/redis-cart', parameters);
    expect(manifests[0]).toMatchObject({ kind: 'PodChaos', spec: expected });
    expect(notExpressible).toEqual([]);
  });

  it('in intervals need somebody to repeat them', () => {
    const parameters = { mode: 'pod', count: 1, intervalMs: 60_000 };
    const { manifests, notExpressible } = compile('pod_kill', 'service/redis-cart', parameters);
    expect(manifests).toHaveLength(1);
    expect(notExpressible[0]?.instead).toContain('Schedule');
  });

  it.skipIf(dataFolder === undefined)('are valid by the definitions of Chaos Mesh', () => {
    const schemas = readChaosSchemas(dataFolder as string);
    const { manifests } = compile('pod_kill', 'service/redis-cart', { mode: 'pod' });
    for (const manifest of manifests) {
      expect(findSchemaProblems(manifest, schemas.get(manifest.kind) ?? {})).toEqual([]);
    }
  });
});

it.each<[FaultKind, string, Fault['parameters'], RegExp]>([
  ['component_down', 'node/us-east-1a-n1', { component: 'kubelet' }, /systemctl stop kubelet/],
  ['component_down', 'config/control-plane', { component: 'scheduler' }, /kube-scheduler\.yaml/],
  ['node_drain', 'node/us-east-1a-n1', {}, /kubectl drain --ignore-daemonsets us-east-1a-n1/],
])('%s on %s is for somebody’s hands', (kind, target, parameters, expected) => {
  const { manifests, notExpressible } = compile(kind, target, parameters);
  expect(manifests).toEqual([]);
  expect(notExpressible[0]?.instead).toMatch(expected);
});
