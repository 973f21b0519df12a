import { describe, expect, it } from 'vitest';
import type { Fault, FaultKind } from '../../core/truth/index.ts';
import { compileToChaosMesh } from '../../kind-cluster/index.ts';
import { findSchemaProblems, readChaosSchemas } from './crd-schema.ts';
import { createEpisode, createFault, topology } from './episodes.ts';

const dataFolder = process.env.FIREDRILL_DATA;

function compile(kind: FaultKind, target: string, parameters: Fault['parameters']) {
  const fault = createFault(kind, target, parameters);
  return compileToChaosMesh(createEpisode('case', [fault]), topology, {
    httpPorts: { frontend: 8080, cartservice: 7070 },
  });
}

/** Kind, target, parameters, and the objects and actions that come of them. */
const cases: readonly [FaultKind, string, Fault['parameters'], string[]][] = [
  [
    'network_impairment',
    'edge/frontend->cartservice',
    { cause: 'slow_link', delayMs: 250, jitterMs: 40 },
    ['NetworkChaos delay'],
  ],
  [
    'network_impairment',
    'node/us-east-1a-n1',
    { cause: 'failing_card', packetLoss: 0.125 },
    ['NetworkChaos loss'],
  ],
  [
    'network_impairment',
    'service/redis-cart',
    { cause: 'narrow_link', bytesPerSec: 400_000, bytesPerRequest: 6144 },
    ['NetworkChaos bandwidth'],
  ],
  [
    'network_impairment',
    'edge/cartservice->redis-cart',
    { cause: 'cut_link', cutShare: 1 },
    ['NetworkChaos partition'],
  ],
  [
    'call_failure',
    'edge/cartservice->redis-cart',
    { cause: 'unresolved_name', refusedShare: 0.5 },
    ['DNSChaos error'],
  ],
  [
    'call_failure',
    'edge/frontend->cartservice',
    { cause: 'misrouting_proxy', refusedShare: 0.4 },
    ['HTTPChaos'],
  ],
  [
    'pod_pressure',
    'service/cartservice',
    { cause: 'busy_sidecar', pods: 'one', podCores: 3 },
    ['StressChaos'],
  ],
  [
    'slow_work',
    'service/redis-cart',
    { cause: 'throttled_volume', waitMs: 120 },
    ['IOChaos latency'],
  ],
  [
    'failing_work',
    'service/redis-cart',
    { cause: 'full_volume', errorShare: 0.9 },
    ['IOChaos fault'],
  ],
  [
    'clock_offset',
    'node/us-east-1b-n1',
    { cause: 'drifting_clock', offsetMs: 600_000 },
    ['TimeChaos'],
  ],
];

describe('impairments that Chaos Mesh has', () => {
  it.each(cases)('%s on %s with %j', (kind, target, parameters, expected) => {
    const { manifests, notExpressible } = compile(kind, target, parameters);
    expect(manifests.map((one) => [one.kind, one.spec.action].filter(Boolean).join(' '))).toEqual(
      expected,
    );
    expect(notExpressible).toEqual([]);
  });

  it.skipIf(!dataFolder)('satisfy the CRD schemas (needs FIREDRILL_DATA)', () => {
    const schemas = readChaosSchemas(dataFolder as string);
    for (const [kind, target, parameters] of cases) {
      for (const manifest of compile(kind, target, parameters).manifests) {
        expect(findSchemaProblems(manifest, schemas.get(manifest.kind) ?? {})).toEqual([]);
      }
    }
  });

  it('says that it cannot come and go', () => {
    const { manifests, notExpressible } = compile('network_impairment', 'node/us-east-1a-n1', {
      cause: 'failing_card',
      packetLoss: 0.3,
      periodMs: 60_000,
      dutyShare: 0.4,
    });
    expect(manifests).toHaveLength(1);
    expect(notExpressible[0]?.instead).toContain('Schedule');
  });
});

it.each<[FaultKind, string, Fault['parameters']]>([
  ['slow_work', 'service/redis-cart', { cause: 'lost_index', cpuFactor: 20 }],
  ['hostile_traffic', 'user/home', { cause: 'hostile_clients', hostilePerSec: 2000 }],
  ['node_pressure', 'node/us-east-1a-n1', { cause: 'busy_neighbour', nodeCores: 40 }],
])('%s on %s is for somebody’s hands', (kind, target, parameters) => {
  const { manifests, notExpressible } = compile(kind, target, parameters);
  expect(manifests).toEqual([]);
  expect(notExpressible).toHaveLength(1);
});
