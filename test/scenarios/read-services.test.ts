import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readServices } from '../../scenarios/read-services.ts';

const topologiesDir = join(import.meta.dirname, '../../scenarios/topologies');

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
    const path = join(mkdtempSync(join(tmpdir(), 'firedrill-services-')), 'services.yaml');
    writeFileSync(path, text.replace(find, replacement));
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
