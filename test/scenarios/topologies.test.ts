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
import {
  describeTopology,
  expectedUtilization,
  listTopologies,
  loadScenario,
  loadTopology,
} from '../../scenarios/index.ts';
import { createTwin } from '../../sim/index.ts';

const minuteMs = 60_000;
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
