import type { Topology } from '../../core/observable/index.ts';
import type { Episode, Fault, FaultKind } from '../../core/truth/index.ts';

/** Three zones of three nodes; a web front, a gRPC service and a store. */
export const topology: Topology = {
  name: 'small_shop',
  entryService: 'frontend',
  services: ['frontend', 'cartservice', 'redis-cart'].map((name) => ({
    name,
    namespace: 'default',
    kind: name === 'redis-cart' ? 'datastore' : 'service',
    workload: name,
  })),
  calls: [
    { from: 'frontend', to: 'cartservice' },
    { from: 'cartservice', to: 'redis-cart' },
  ],
  nodes: ['us-east-1a', 'us-east-1b', 'us-east-1c'].flatMap((zone) =>
    [1, 2, 3].map((i) => ({ name: `${zone}-n${i}`, zone, region: 'us-east-1' })),
  ),
};

export function createFault(
  kind: FaultKind,
  target: string,
  parameters: Fault['parameters'] = {},
  times: { startMs?: number; durationMs?: number | null } = {},
): Fault {
  return {
    kind,
    target,
    startMs: 300_000,
    durationMs: null,
    faultClass: null,
    parameters,
    ...times,
  };
}

export function createEpisode(
  id: string,
  faults: readonly Fault[],
  ambient: readonly Fault[] = [],
): Episode {
  const scenario = {
    id,
    version: 1,
    title: id,
    description: '',
    topology: topology.name,
    leadMs: { low: 0, high: 0 },
    warmUpMs: 0,
    durationMs: 3_600_000,
    ends: 'remedied' as const,
    faults: [],
    ambient: [],
    expect: {
      availabilityMin: 0.99,
      recoveryMaxMs: 300_000,
      incidentsMax: null,
      actionsMax: null,
      rootCause: null,
      why: null,
    },
    remedies: [],
    traps: [],
    about: null,
    selfTest: null,
    workload: {},
    sourceHash: '',
  };
  return { scenario, seed: 1, worldSeed: 1, faults, ambient, remedies: [], traps: [] };
}

/** One episode per kind of trouble; together they use every fault kind and every stand-in. */
export const episodes: readonly Episode[] = [
  createEpisode('zone_failure', [
    createFault('network_partition', 'zone/us-east-1a'),
    createFault('node_power_loss', 'zone/us-east-1a'),
  ]),
  createEpisode('database_slowdown', [
    createFault('network_delay', 'service/redis-cart', { delayMs: 500 }, { durationMs: 600_000 }),
  ]),
  createEpisode('memory_leak', [
    createFault('release', 'service/cartservice', { tag: 'v0.10.3', leakBytesPerSec: 409_600 }),
  ]),
  createEpisode('bad_deploy', [
    createFault('release', 'service/frontend', { tag: '1.10', errorRatio: 0.25, cpuFactor: 1.5 }),
    createFault('release', 'service/cartservice', { tag: 'v0.10.3', errorRatio: 0.3 }),
  ]),
  createEpisode('traffic_spike', [
    createFault('load_factor', 'user/*', { factor: 3.5, rampMs: 90_000 }, { durationMs: 750_000 }),
  ]),
  createEpisode(
    'benign_deploy',
    [],
    [createFault('release', 'service/cartservice', { tag: 'v0.10.3' })],
  ),
];
