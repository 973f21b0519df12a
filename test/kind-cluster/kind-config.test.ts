import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { renderKindConfig } from '../../kind-cluster/index.ts';
import { topology } from './episodes.ts';

describe('renderKindConfig', () => {
  it('has one worker per zone with zone and region labels', () => {
    const worker = (zone: string) => ({
      role: 'worker',
      labels: { 'topology.kubernetes.io/zone': zone, 'topology.kubernetes.io/region': 'us-east-1' },
    });
    expect(load(renderKindConfig(topology))).toEqual({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      name: 'firedrill',
      nodes: [
        { role: 'control-plane' },
        worker('us-east-1a'),
        worker('us-east-1b'),
        worker('us-east-1c'),
      ],
    });
  });

  it('quotes zone names that YAML 1.1 would read as something else', () => {
    const nodes = [{ name: 'n1', zone: 'no', region: '010' }];
    const text = renderKindConfig({ ...topology, nodes });
    expect(text).toMatch(/zone: ["']no["']/);
    expect(text).toMatch(/region: ["']010["']/);
  });
});
