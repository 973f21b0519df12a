import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../core/observable/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import { callRates } from '../../scenarios/call-rates.ts';
import {
  expectedLatencies,
  type Moments,
  percentile95Ms,
} from '../../scenarios/expected-latency.ts';
import { generateTopology } from '../../scenarios/generated/generate-topology.ts';
import { graphStatistics } from '../../scenarios/graph-statistics.ts';
import {
  describeTopology,
  expectedUtilization,
  listTopologies,
  loadScenario,
  loadTopology,
} from '../../scenarios/index.ts';
import { readServices } from '../../scenarios/read-services.ts';
import { createTwin } from '../../sim/index.ts';

const minuteMs = 60_000;
const topologiesDir = join(import.meta.dirname, '../../scenarios/topologies');
/** Every topology; of the generated ones a small one stands for all. */
const names = listTopologies().map((name) => (name === 'generated' ? 'generated:60' : name));

function objectsOf<K extends keyof KindMap>(spec: TwinSpec, kind: K): KindMap[K][] {
  return spec.objects.filter((object) => object.kind === kind) as KindMap[K][];
}

function temporaryFile(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'firedrill-topology-')), name);
  writeFileSync(path, text);
  return path;
}

describe.each(names)('%s', (name) => {
  const spec = loadTopology(name);
  const loads = expectedUtilization(spec);

  it('is busy but not full at its mean rate, and every operation is called', () => {
    for (const { service, utilization } of loads) expect(utilization, service).toBeLessThan(0.65);
    // One is sized for days that seldom come.
    expect(loads.filter(({ utilization }) => (utilization ?? 0) < 0.15).length).toBeLessThanOrEqual(
      1,
    );
    const rates = callRates(spec);
    for (const { name: service, operations } of spec.services) {
      for (const { name: operation } of operations) {
        expect(rates.get(`${service}/${operation}`), `${service}/${operation}`).toBeGreaterThan(0);
      }
    }
  });

  it('retries a call once at most, and never a user request', () => {
    for (const { operations } of spec.services) {
      for (const { calls } of operations) {
        for (const { retries, service } of calls) expect(retries, service).toBeLessThanOrEqual(1);
      }
    }
    expect(spec.journeys.filter(({ retries }) => retries > 0)).toEqual([]);
  });

  it('runs what keeps no state at least twice, under a disruption budget', () => {
    const budgets = new Set(objectsOf(spec, 'PodDisruptionBudget').map((b) => b.metadata?.name));
    for (const { name: service, kind, workload } of spec.services) {
      const replicas = loads.find((load) => load.service === service)?.replicas ?? 0;
      if (kind === 'service') expect(replicas, service).toBeGreaterThanOrEqual(2);
      expect(budgets.has(workload), service).toBe(replicas >= 2);
    }
    const autoscalers = objectsOf(spec, 'HorizontalPodAutoscaler').length;
    expect(autoscalers).toBeGreaterThanOrEqual(1);
    expect(autoscalers).toBeLessThanOrEqual(2);
  });

  it('stays whole without any one of its three zones', () => {
    const zones = new Set(spec.nodes.map(({ zone }) => zone));
    expect(zones.size).toBe(3);
    const capacity = spec.nodes.reduce((sum, { cpuCores }) => sum + cpuCores, 0);
    expect(loads.reduce((sum, { cpuCores }) => sum + cpuCores, 0)).toBeLessThan((capacity * 2) / 3);
  });

  it('boots, and serves its users for twenty minutes', async () => {
    // An ordinary day's happenings and crowds are no part of what is expected in the mean.
    const workload = { ...spec.workload, happeningsPerHour: 0, crowdsPerDay: 0 };
    const twin = createTwin({
      spec: { ...spec, workload },
      topology: describeTopology(spec),
      seed: 11,
      startMs: 0,
      telemetry: false,
    });
    await twin.advance(20 * minuteMs);
    const deployments = await twin.cluster.list('Deployment');
    for (const { metadata, spec: wanted, status } of deployments.ok ? deployments.object : []) {
      expect(status?.readyReplicas, metadata?.name).toBe(wanted?.replicas);
    }
    const latencies = expectedLatencies(spec);
    const lastTicks = twin.truth.user.slice(-300);
    let offered = 0;
    let good = 0;
    spec.journeys.forEach((journey, j) => {
      for (const tick of lastTicks) {
        offered += tick.offered[j] as number;
        good += tick.good[j] as number;
      }
      const p95 = lastTicks.reduce((sum, tick) => sum + (tick.latencyMsP95[j] as number), 0) / 300;
      const expected = latencies.get(`${journey.service}/${journey.operation}`) as Moments;
      expect(percentile95Ms(expected) / p95, journey.name).toBeGreaterThan(0.75);
      expect(percentile95Ms(expected) / p95, journey.name).toBeLessThan(1.33);
      if (name === 'online_boutique') return;
      expect(journey.latencySloMs / p95, journey.name).toBeGreaterThan(3);
      expect(journey.latencySloMs / p95, journey.name).toBeLessThan(5);
    });
    expect(good / offered).toBeGreaterThanOrEqual(0.995);
  });
});

describe('the shipped topologies', () => {
  it('are listed, and a name that is not is refused', () => {
    expect(listTopologies()).toEqual([
      'edge_retail',
      'generated',
      'online_boutique',
      'social_network',
      'train_ticket',
    ]);
    expect(() => loadTopology('social_netwrk')).toThrow(/unknown topology "social_netwrk"/);
  });

  it('are as large as they claim', () => {
    const social = loadTopology('social_network');
    expect(social.services.length).toBeGreaterThanOrEqual(25);
    expect(social.nodes.length).toBeGreaterThanOrEqual(12);
    const tickets = loadTopology('train_ticket');
    expect(tickets.services.length).toBeGreaterThanOrEqual(40);
    const preserve = tickets.services.find(({ name }) => name === 'ts-preserve-service');
    const callees = preserve?.operations.flatMap(({ calls }) => calls.map((c) => c.service)) ?? [];
    expect(new Set(callees).size).toBeGreaterThanOrEqual(10);
    const slow = tickets.services.filter(({ startupMs }) => startupMs >= 30_000);
    expect(slow.length).toBeGreaterThanOrEqual(30);
  });

  it('start slow processes behind a start-up probe', () => {
    const deployment = objectsOf(loadTopology('train_ticket'), 'Deployment').find(
      ({ metadata }) => metadata?.name === 'ts-order-service',
    );
    const container = deployment?.spec?.template.spec?.containers[0];
    const { periodSeconds = 0, failureThreshold = 0 } = container?.startupProbe ?? {};
    expect(periodSeconds * failureThreshold).toBeGreaterThan(90);
  });

  const data = process.env.FIREDRILL_DATA;
  it.skipIf(!data)('have the services of the public files (needs FIREDRILL_DATA)', () => {
    const social = readFileSync(
      join(data ?? '', 'topologies/deathstarbench/socialNetwork/docker-compose.yml'),
      'utf8',
    );
    const published = [...social.matchAll(/^ {2}([a-z][a-z-]+):$/gm)].map(([, name]) => name);
    const ours = loadTopology('social_network').services.map(({ name }) => name);
    const services = published.filter((name) => !name?.startsWith('jaeger'));
    expect([...ours].sort()).toEqual([...services].sort());
  });
});

describe('generated topologies', () => {
  it('are the same for the same name, and others for another seed', () => {
    expect(loadTopology('generated:60')).toEqual({
      ...loadTopology('generated:60:1'),
      name: 'generated:60',
    });
    expect(loadTopology('generated:60:2').services).not.toEqual(
      loadTopology('generated:60:1').services,
    );
    expect(loadTopology('generated').services).toHaveLength(100);
  });

  it.each(['generated:', 'generated:ten', 'generated:10', 'generated:99999', 'generated:60:x'])(
    'refuse the name %s',
    (name) => {
      expect(() => loadTopology(name)).toThrow(
        /expected generated:SERVICES or generated:SERVICES:/,
      );
    },
  );

  it('take rate and swing from a scenario, and no other manifests', () => {
    const { workload } = loadTopology('generated:60', { workload: { requestsPerSec: 7 } });
    expect(workload).toMatchObject({ requestsPerSec: 7, dailySwing: 0.2 });
    expect(() => loadTopology('generated:60', { manifestsDir: '.' })).toThrow(
      /generated:60 cannot take other manifests/,
    );
  });

  it.each([3, 4, 5])('have the depth that is asked for, %d on average', (meanDepth) => {
    const depths = [1, 2, 3].map((seed) => {
      return graphStatistics(generateTopology({ name: 'deep', services: 400, seed, meanDepth }))
        .depthMean;
    });
    const mean = depths.reduce((sum, depth) => sum + depth, 0) / 3;
    expect(Math.abs(mean / meanDepth - 1)).toBeLessThan(0.12);
  });

  it('call as many services as asked for, and share them as asked for', () => {
    const options = { name: 'wide', services: 400, seed: 3 };
    const usual = graphStatistics(generateTopology(options));
    const wide = graphStatistics(generateTopology({ ...options, fanOut: 5 }));
    expect(wide.edges / usual.edges).toBeGreaterThan(1.4);
    const even = graphStatistics(generateTopology({ ...options, hotSpotShare: 0.5 }));
    expect(even.callersMax).toBeLessThan(usual.callersMax / 2);
  });

  it.each([20, 60, 400, 1200])(
    'of %d services have the published shares, heavy tails, and room on the nodes',
    (services) => {
      const spec = generateTopology({ name: 'sized', services, seed: 5 });
      const graph = graphStatistics(spec);
      expect(graph.services).toBe(services);
      expect(Math.abs(graph.entryShare - 0.13)).toBeLessThan(0.03);
      expect(Math.abs(graph.leafShare - 0.39)).toBeLessThan(0.03);
      expect(Math.abs(graph.pods / services - 5)).toBeLessThan(0.06);
      for (const { service, utilization } of expectedUtilization(spec)) {
        expect(utilization, service).toBeGreaterThanOrEqual(0.2);
        expect(utilization, service).toBeLessThanOrEqual(0.55);
      }
      if (services < 400) return;
      expect(graph.singleCallerShare).toBeGreaterThan(0.6);
      expect(graph.hotCallShare).toBeGreaterThan(0.25);
      // With as many calls at random, callers per service would be Poisson with a mean of two.
      expect(graph.callersMax).toBeGreaterThan(20);
      expect(graph.sizeP90).toBeGreaterThan(2 * graph.sizeMedian);
    },
  );
});

describe('a scenario', () => {
  const text = (topology: string): string =>
    [
      'id: quiet',
      'version: 1',
      'title: Nothing happens',
      'description: Nothing happens.',
      `topology: ${topology}`,
      'duration: 1h',
      'ends: healthy',
      '',
    ].join('\n');

  it.each(names)('may name the topology %s', (name) => {
    expect(loadScenario(temporaryFile('quiet.yaml', text(name))).topology).toBe(name);
  });

  it('may not name one that is not there', () => {
    expect(() => loadScenario(temporaryFile('quiet.yaml', text('sozial_network')))).toThrow(
      /quiet\.yaml:5:11: topology: unknown topology "sozial_network" \(did you mean social_network/,
    );
    expect(() => loadScenario(temporaryFile('quiet.yaml', text('generated:3')))).toThrow(
      /quiet\.yaml:5:11: topology: unknown topology "generated:3"/,
    );
  });
});

describe('a services.yaml', () => {
  const text = readFileSync(join(topologiesDir, 'social_network/services.yaml'), 'utf8');

  it.each([
    [
      'an unknown profile',
      'profile: memcached',
      'profile: memcache',
      /services\.yaml:\d+:14: unknown profile "memcache" \(did you mean memcached\?\)/,
    ],
    [
      'an amount of CPU that is none',
      'limit: 350m }',
      'limit: much }',
      /expected an amount of CPU such as 250m or 2, got "much"/,
    ],
    [
      'an unknown field of a service',
      '    replicas: 3',
      '    replicaz: 3',
      /unknown field "replicaz" \(did you mean "replicas"\?\)/,
    ],
    [
      'a call that is no target',
      '- media-memcached/get',
      '- media-memcached',
      /expected service\/operation, such as cartservice\/GetCart, got "media-memcached"/,
    ],
  ])('with %s is refused', (_, find, replacement, message) => {
    expect(text).toContain(find);
    const path = temporaryFile('services.yaml', text.replace(find, replacement));
    expect(() => readServices(path)).toThrow(message);
  });

  it('expands to what the two files of a topology would say', () => {
    const { overlay, objects } = readServices(join(topologiesDir, 'social_network/services.yaml'));
    expect(overlay.services['user-mongodb']).toMatchObject({
      kind: 'datastore',
      namespace: 'default',
      operations: { findByName: { category: 'db', errorRatio: 0.00005, calls: [] } },
    });
    const caller = overlay.services['media-frontend']?.operations.GetMedia;
    expect(caller?.calls[0]).toEqual({
      to: 'media-memcached/get',
      count: 1,
      timeout: 1000,
      retries: 0,
      optional: false,
    });
    const kinds = objects
      .filter(({ metadata }) => metadata?.name === 'nginx-thrift')
      .map(({ kind }) => kind);
    expect(kinds).toEqual([
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'HorizontalPodAutoscaler',
    ]);
    expect(objects.filter(({ metadata }) => metadata?.name === 'user-mongodb')).toHaveLength(2);
  });
});

describe('docs/topologies.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/topologies.md'), 'utf8');

  it.each([
    'edge_retail',
    'online_boutique',
    'social_network',
    'train_ticket',
    'generated:200',
    'generated:2000',
  ])('has the figures of %s', (name) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
    const cells = row?.split('|').map((cell) => cell.trim()) ?? [];
    expect(cells.slice(2, 9)).toEqual(figuresOf(loadTopology(name)));
  });

  it('has the shape of a generated graph beside the published one', () => {
    const graph = graphStatistics(loadTopology('generated:2000'));
    const percent = (share: number): string => `${Math.round(100 * share)} %`;
    for (const [label, figure] of [
      [
        'entry / leaf / middle',
        `${[graph.entryShare, graph.leafShare, graph.middleShare].map(percent).join(' / ')}`,
      ],
      ['services with one caller', percent(graph.singleCallerShare)],
      ['callers of the most shared', `${graph.callersMax}`],
      ['calls to the busiest 5 %', percent(graph.hotCallShare)],
      ['services behind a journey', `${graph.sizeMedian} / ${graph.sizeP90} / ${graph.sizeMax}`],
      ['depth of a journey', `${graph.depthMean.toFixed(1)} / ${graph.depthMax}`],
    ]) {
      const row = page.split('\n').find((line) => line.startsWith(`| ${label}`));
      expect(row?.split('|')[3]?.trim(), label).toBe(figure);
    }
  });
});

function figuresOf(spec: TwinSpec): string[] {
  const graph = graphStatistics(spec);
  const used = expectedUtilization(spec).map(({ utilization }) => 100 * (utilization ?? 0));
  return [
    `${graph.services}`,
    `${graph.edges}`,
    `${graph.depthMean.toFixed(1)} / ${graph.depthMax}`,
    `${graph.pods}`,
    `${spec.nodes.length}`,
    `${spec.workload.requestsPerSec}`,
    `${Math.round(Math.min(...used))}–${Math.round(Math.max(...used))} %`,
  ];
}
