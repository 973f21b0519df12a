import { describe, expect, it } from 'vitest';
import { firedrill, npm, temporaryFolder, writeScenario } from './firedrill.ts';

/** Runs an npm script as a pipe would and parses what is on stdout. */
async function jsonOf(script: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await npm(['run', '-s', script, '--', ...args, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe.concurrent('JSON alone on stdout', { timeout: 180_000 }, () => {
  it('validate: verdicts, and what services are expected to use', async () => {
    const { scenarios, topologies } = await jsonOf('validate', 'bad_deploy', 'zone_failure');
    expect(scenarios).toMatchObject([
      { scenario: 'bad_deploy', valid: true },
      { scenario: 'zone_failure', valid: true },
    ]);
    expect(topologies).toMatchObject([{ topology: 'online_boutique', requestsPerSec: 120 }]);
    const [{ services }] = topologies as [{ services: { utilization: number | null }[] }];
    expect(services.length).toBe(11);
    for (const { utilization } of services) expect(utilization).toBeLessThan(0.8);
  });

  it('chaos: manifests, with the HTTP port that the topology names', async () => {
    const release = writeScenario(
      temporaryFolder(),
      'release',
      {
        from: 'network_delay\n    target: service/redis-cart',
        to: 'release\n    target: service/frontend',
      },
      { from: '{ delay: 500ms }', to: '{ tag: v2, errorRatio: 0.3 }' },
    );
    const { manifests } = await jsonOf('chaos', release);
    expect(manifests).toMatchObject([{ kind: 'HTTPChaos', spec: { port: 8080, value: '30' } }]);
  });

  it('bench: the machine and the rows', async () => {
    const { machine, rows } = await jsonOf('bench', '--measure', 'logs');
    expect(machine).toMatchObject({ node: process.version });
    const names = (rows as { name: string; value: number }[]).map((row) => row.name);
    expect(names).toContain('drain_lines_per_s');
    for (const { value } of rows as { value: number }[]) expect(value).toBeGreaterThan(0);
  });

  it('tune: the report, and the tuned policy', async () => {
    const folder = temporaryFolder();
    const scenario = writeScenario(folder, 'short');
    const seeds = ['--train-seeds', '1', '--test-seeds', '2', '--episodes', '1', '--jobs', '1'];
    const report = await jsonOf('tune', '--scenario', scenario, ...seeds, '--out', folder);
    expect(report).toMatchObject({ schemaVersion: 1, trainSeeds: [1], testSeeds: [2] });
    expect(report.policyText).toContain('kind: ConfigMap');
  });
});

it('validate prints the table of expected use for people', async () => {
  const { stdout } = await firedrill('validate', 'bad_deploy');
  expect(stdout).toContain('ok   bad_deploy v');
  expect(stdout).toMatch(
    /service +requests\/s +cores +replicas +limit +used\n {2}frontend +120\.0 /,
  );
});
