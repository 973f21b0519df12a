import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { Episode } from '../../core/truth/index.ts';
import { compileToChaosMesh, renderChaosYaml } from '../../kind-cluster/index.ts';
import { findSchemaProblems, readChaosSchemas } from './crd-schema.ts';
import { createEpisode, createFault, episodes, topology } from './episodes.ts';

const dataFolder = process.env.FIREDRILL_DATA;
const options = { httpPorts: { frontend: 8080 } };
const compile = (episode: Episode) => compileToChaosMesh(episode, topology, options);

describe.each(episodes.map((episode) => [episode.scenario.id, episode] as const))(
  '%s',
  (id, episode) => {
    it('matches its golden manifests', () => {
      const file = new URL(`../golden/chaos/${id}.yaml`, import.meta.url);
      const text = renderChaosYaml(compile(episode));
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
      expect(existsSync(file), 'run with UPDATE_GOLDEN=1 to write it').toBe(true);
      expect(text).toBe(readFileSync(file, 'utf8'));
    });

    it.skipIf(!dataFolder)('satisfies the CRD schemas (needs FIREDRILL_DATA)', () => {
      const schemas = readChaosSchemas(dataFolder as string);
      for (const manifest of compile(episode).manifests) {
        const schema = schemas.get(manifest.kind);
        expect(schema, manifest.kind).toBeDefined();
        expect(findSchemaProblems(manifest, schema ?? {})).toEqual([]);
      }
    });

    it('says the same to YAML 1.1 and 1.2 readers', () => {
      const experiment = compile(episode);
      const text = renderChaosYaml(experiment);
      const read = loadAll(text).filter((document) => document !== null);
      expect(read).toEqual(experiment.manifests);
      const readOld = loadAll(text, { schema: YAML11_SCHEMA }).filter(
        (document) => document !== null,
      );
      expect(readOld).toEqual(experiment.manifests);
    });

    it('gives every object a valid name of its own', () => {
      const names = compile(episode).manifests.map(({ metadata }) => metadata.name);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
    });
  },
);

describe('compileToChaosMesh', () => {
  it('cuts a zone off from every other zone, one object each', () => {
    const { manifests } = compile(
      createEpisode('cut', [createFault('network_partition', 'zone/us-east-1b')]),
    );
    const zoneOf = (side: unknown) =>
      (side as { nodeSelectors: Record<string, string> }).nodeSelectors[
        'topology.kubernetes.io/zone'
      ];
    expect(
      manifests.map(({ spec }) => [
        zoneOf(spec.selector),
        zoneOf((spec.target as { selector: unknown }).selector),
        spec.direction,
      ]),
    ).toEqual([
      ['us-east-1b', 'us-east-1a', 'both'],
      ['us-east-1b', 'us-east-1c', 'both'],
    ]);
  });

  it('pauses the one worker that stands for a zone, or for a node of it', () => {
    for (const target of ['zone/us-east-1b', 'node/us-east-1b-n2']) {
      const { manifests, notExpressible } = compileToChaosMesh(
        createEpisode('dark', [createFault('node_power_loss', target)]),
        topology,
        { clusterName: 'lab' },
      );
      expect(manifests).toEqual([]);
      expect(notExpressible[0]?.instead).toContain('docker pause lab-worker2');
      expect(notExpressible[0]?.why).toContain('3 nodes');
    }
  });

  it('stands in for errors only where plain HTTP is spoken', () => {
    const episode = createEpisode('bad', [
      createFault('release', 'service/frontend', { errorRatio: 0.2 }),
    ]);
    expect(compile(episode).manifests.map(({ kind }) => kind)).toEqual(['HTTPChaos']);
    expect(compileToChaosMesh(episode, topology).manifests).toEqual([]);
    expect(compileToChaosMesh(episode, topology).notExpressible[0]?.why).toContain('gRPC');
  });

  it('names a service or zone that does not exist, and those that do', () => {
    const unknownService = createFault('network_delay', 'service/redis', { delayMs: 500 });
    expect(() => compile(createEpisode('x', [unknownService]))).toThrow(/unknown service "redis"/);
    const unknownZone = createFault('network_partition', 'zone/mars');
    expect(() => compile(createEpisode('x', [unknownZone]))).toThrow(/unknown zone "mars"/);
  });

  it('keeps durations exact', () => {
    const durationOf = (durationMs: number) =>
      compile(
        createEpisode('x', [
          createFault('network_delay', 'service/redis-cart', { delayMs: 500 }, { durationMs }),
        ]),
      ).manifests[0]?.spec.duration;
    expect([120_000, 90_000, 1_500].map(durationOf)).toEqual(['2m', '90s', '1500ms']);
  });
});

describe('findSchemaProblems', () => {
  const schema = {
    type: 'object',
    required: ['mode'],
    properties: { mode: { type: 'string', enum: ['all'] }, port: { type: 'integer', maximum: 10 } },
  };
  it.each([
    [{ mode: 'all', port: 3 }, []],
    [{}, ['$.mode: required']],
    [{ mode: 'some' }, ['$.mode: not in enum']],
    [{ mode: 'all', port: '3' }, ['$.port: expected integer']],
    [{ mode: 'all', port: 11 }, ['$.port: too large']],
    [{ mode: 'all', color: 1 }, ['$.color: unknown field']],
  ])('of %j are %j', (value, problems) => {
    expect(findSchemaProblems(value, schema)).toEqual(problems);
  });
});
