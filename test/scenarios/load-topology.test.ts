import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../core/observable/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import { callRates, findCallCycle } from '../../scenarios/call-rates.ts';
import { describeTopology, expectedUtilization, loadTopology } from '../../scenarios/index.ts';
import { readOverlay } from '../../scenarios/load-topology.ts';

const topologyDir = fileURLToPath(
  new URL('../../scenarios/topologies/online_boutique/', import.meta.url),
);
const shipped = loadTopology('online_boutique');

function objectsOf(spec: TwinSpec, kind: string): KubernetesObject[] {
  return spec.objects.filter((object) => object.kind === kind);
}

/** A fresh copy of the shipped manifests. */
function copyManifests(): string {
  const dir = join(mkdtempSync(join(tmpdir(), 'firedrill-manifests-')), 'manifests');
  cpSync(join(topologyDir, 'manifests'), dir, { recursive: true });
  return dir;
}

describe('online_boutique', () => {
  it('has eleven services beside redis, three zones, nine nodes, and two pods of what has no state', () => {
    expect(shipped.nodes).toHaveLength(9);
    expect(new Set(shipped.nodes.map(({ zone }) => zone)).size).toBe(3);
    const deployments = objectsOf(shipped, 'Deployment') as {
      metadata?: { name?: string };
      spec?: { replicas?: number };
    }[];
    expect(deployments).toHaveLength(12);
    for (const { metadata, spec } of deployments) {
      const single = ['redis-cart', 'loadgenerator'].includes(metadata?.name ?? '');
      expect(spec?.replicas, metadata?.name).toSatisfy((n: number) => (single ? n === 1 : n >= 2));
    }
    expect(objectsOf(shipped, 'HorizontalPodAutoscaler')).toHaveLength(1);
    expect(objectsOf(shipped, 'PodDisruptionBudget')).toHaveLength(10);
  });

  it('retries once at most, and never on top of a retry by the user', () => {
    const calls = shipped.services
      .flatMap(({ operations }) => operations)
      .flatMap(({ calls: c }) => c);
    expect(Math.max(...calls.map(({ retries }) => retries))).toBe(1);
    expect(Math.max(...shipped.journeys.map(({ retries }) => retries))).toBe(0);
  });

  it('is busy but not full at its mean rate', () => {
    const loads = expectedUtilization(shipped);
    for (const { service, utilization } of loads) expect(utilization, service).toBeLessThan(0.65);
    const quiet = loads.filter(({ utilization }) => (utilization ?? 0) < 0.15);
    expect(quiet.map(({ service }) => service)).toEqual(['paymentservice']);
  });

  it('states in its overlay the utilisation that it has', () => {
    const overlay = readFileSync(join(topologyDir, 'overlay.yaml'), 'utf8');
    const loads = expectedUtilization(shipped);
    const stated = [...overlay.matchAll(/ ([a-z-]+) +(\d+) % {2}(\d) pods?/g)];
    expect(stated).toHaveLength(loads.length);
    for (const [, service, percent, pods] of stated) {
      const load = loads.find((entry) => entry.service === service);
      expect(Math.round((load?.utilization ?? 0) * 100), service).toBe(Number(percent));
      expect(load?.replicas, service).toBe(Number(pods));
    }
  });

  it('breaks under three times its load, and survives the loss of one pod of each service', () => {
    const loads = expectedUtilization(shipped);
    expect(
      loads.filter(({ utilization }) => (utilization ?? 0) * 3 > 1.2).length,
    ).toBeGreaterThanOrEqual(3);
    for (const { service, utilization, replicas } of loads.filter((load) => load.replicas > 1)) {
      expect(((utilization ?? 0) * replicas) / (replicas - 1), service).toBeLessThan(0.8);
    }
  });

  it('describes to an operator only what an operator can see', () => {
    const topology = describeTopology(shipped);
    expect(topology.entryService).toBe('frontend');
    expect(topology.calls).toContainEqual({ from: 'cartservice', to: 'redis-cart' });
    expect(new Set(topology.calls.map(({ from, to }) => `${from} ${to}`)).size).toBe(
      topology.calls.length,
    );
    expect(Object.keys(topology.services[0] ?? {})).toEqual([
      'name',
      'namespace',
      'kind',
      'workload',
    ]);
  });

  it('takes rate and swing from a scenario', () => {
    const { workload } = loadTopology('online_boutique', { workload: { dailySwing: 0.4 } });
    expect(workload).toMatchObject({ dailySwing: 0.4, requestsPerSec: 120 });
  });
});

describe('an overlay', () => {
  const text = readFileSync(join(topologyDir, 'overlay.yaml'), 'utf8');

  it.each([
    [
      'a call to a service that is not there',
      'to: adservice/GetAds',
      'to: adsservice/GetAds',
      /overlay\.yaml:\d+:19: unknown service "adsservice" \(did you mean adservice/,
    ],
    [
      'a call to an operation that is not there',
      'to: adservice/GetAds',
      'to: adservice/GetAd',
      /unknown operation "GetAd" of adservice \(did you mean GetAds\?\)/,
    ],
    [
      'a journey into nowhere',
      'entry: frontend/GET /,',
      'entry: frontend/GET,',
      /journeys|unknown operation "GET" of frontend/,
    ],
    [
      'an unknown field',
      'concurrencyMax: 200',
      'concurencyMax: 200',
      /services\.frontend: unknown field "concurencyMax" \(did you mean "concurrencyMax"\?\)/,
    ],
    [
      'a time without its unit',
      'cpu: 5ms',
      'cpu: 5',
      /expected a time such as 0\.4ms or 1s, got 5: durations need a unit/,
    ],
  ])('with %s is refused', (_, find, replacement, message) => {
    expect(text).toContain(find);
    const path = join(mkdtempSync(join(tmpdir(), 'firedrill-overlay-')), 'overlay.yaml');
    writeFileSync(path, text.replace(find, replacement));
    expect(() => readOverlay(path)).toThrow(message);
  });

  it('must not let calls go round in a circle', () => {
    expect(findCallCycle(shipped)).toBeNull();
    const services = shipped.services.map((service) => {
      if (service.name !== 'productcatalogservice') return service;
      const back = { service: 'recommendationservice', operation: 'ListRecommendations' };
      const call = { ...back, count: 1, timeoutMs: 1000, retries: 0, optional: false };
      return { ...service, operations: service.operations.map((o) => ({ ...o, calls: [call] })) };
    });
    const cycle = findCallCycle({ ...shipped, services });
    expect(cycle?.[0]).toBe(cycle?.at(-1));
    expect(cycle).toContain('recommendationservice/ListRecommendations');
  });

  it('sends every user request through the frontend, and nothing is lost on the way', () => {
    const rates = callRates(shipped);
    const entry = [...rates].filter(([key]) => key.startsWith('frontend/'));
    expect(entry.reduce((sum, [, rate]) => sum + rate, 0)).toBeCloseTo(120, 9);
    const get = rates.get('cartservice/GetCart') ?? 0;
    const add = rates.get('cartservice/AddItem') ?? 0;
    expect(rates.get('redis-cart/HGET')).toBeCloseTo(get + add, 9);
  });
});

describe('manifests from elsewhere', () => {
  it('replace the objects and keep the overlay', () => {
    const dir = copyManifests();
    writeFileSync(join(dir, 'kustomization.yaml'), 'kind: Kustomization\n');
    writeFileSync(
      join(dir, 'extra.yml'),
      '---\n# nothing\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: extra }\n',
    );
    const spec = loadTopology('online_boutique', { manifestsDir: dir });
    expect(spec.objects).toHaveLength(shipped.objects.length + 1);
    expect(objectsOf(spec, 'ServiceAccount')[0]?.metadata).toEqual({
      name: 'extra',
      namespace: 'default',
    });
    expect(spec.services).toEqual(shipped.services);
    expect(spec.workload.requestsPerSec).toBeLessThan(shipped.workload.requestsPerSec);
  });

  it('read a bare `cpu: 1` as the quantity that the API would store', () => {
    const dir = copyManifests();
    const file = join(dir, 'adservice.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('limits: { cpu: 200m', 'limits: { cpu: 1'),
    );
    const load = expectedUtilization(loadTopology('online_boutique', { manifestsDir: dir })).find(
      ({ service }) => service === 'adservice',
    );
    expect(load?.limitCores).toBe(2);
  });

  it.each([
    ['malformed', 'bad.yaml', 'a: [1\nb: 2\n', /bad\.yaml:2:1: malformed YAML/],
    [
      'without a name',
      'bad.yaml',
      'apiVersion: v1\nkind: Service\nmetadata: {}\n',
      /bad\.yaml:3:11: metadata\.name: missing, expected a text/,
    ],
    [
      'of an unknown kind',
      'bad.yaml',
      'apiVersion: apps/v1\nkind: Deploymnt\nmetadata: { name: x }\n',
      /bad\.yaml:2:7: kind: the twin has no kind "Deploymnt"/,
    ],
    [
      'of a removed version',
      'bad.yaml',
      'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: { name: x }\n',
      /bad\.yaml:1:13: apiVersion: expected apps\/v1 for kind Deployment/,
    ],
    [
      'defined twice',
      'zz.yaml',
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: adservice\n',
      /zz\.yaml:4:9: Service default adservice is defined twice/,
    ],
  ])('%s are refused with file, line and column', (_, file, text, message) => {
    const dir = copyManifests();
    writeFileSync(join(dir, file), text);
    expect(() => loadTopology('online_boutique', { manifestsDir: dir })).toThrow(message);
  });

  it('must hold a Deployment for every service of the overlay', () => {
    const dir = copyManifests();
    rmSync(join(dir, 'cartservice.yaml'));
    expect(() => loadTopology('online_boutique', { manifestsDir: dir })).toThrow(
      /overlay\.yaml:\d+:3: service "cartservice" needs Deployment "cartservice" in namespace default/,
    );
  });

  it('must exist', () => {
    const empty = mkdtempSync(join(tmpdir(), 'firedrill-empty-'));
    mkdirSync(join(empty, 'inner'));
    expect(() => loadTopology('online_boutique', { manifestsDir: empty })).toThrow(
      /no Kubernetes manifests in/,
    );
    expect(() => loadTopology('online_boutique', { manifestsDir: join(empty, 'gone') })).toThrow(
      /no such manifests directory/,
    );
    expect(() => loadTopology('online_butique')).toThrow(/unknown topology "online_butique"/);
  });

  const data = process.env.FIREDRILL_DATA;
  it.skipIf(!data)(
    'of the public demo are taken unchanged and leave room at the overlay’s rate (needs FIREDRILL_DATA)',
    () => {
      const manifestsDir = join(data ?? '', 'topologies/online-boutique/kubernetes-manifests');
      const spec = loadTopology('online_boutique', { manifestsDir });
      expect(objectsOf(spec, 'Deployment')).toHaveLength(12);
      expect(objectsOf(spec, 'ServiceAccount').length).toBeGreaterThan(8);
      for (const { service, utilization, replicas } of expectedUtilization(spec)) {
        expect(replicas, service).toBe(1);
        expect(utilization, service).toBeLessThan(0.65);
      }
    },
  );
});
