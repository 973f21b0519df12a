import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type Ended,
  firedrill,
  npm,
  readJson,
  temporaryFolder,
  withoutFault,
  writeScenario,
} from './firedrill.ts';

const folder = temporaryFolder();
const out = join(folder, 'runs');

/** Ten times the traffic, which no fault accounts for: the stack sees it, and must not. */
const noisy = `id: noisy
version: 1
title: Far more traffic
description: For tests of the command line.
topology: online_boutique
warmUp: 16m
duration: 3m
ambient:
  - { kind: load_factor, target: "user/*", start: 30s, parameters: { factor: 10 } }
ends: healthy
`;

function playNoisy(): Promise<Ended> {
  const path = join(folder, 'noisy.yaml');
  writeFileSync(path, noisy);
  return firedrill('scenario', path, '--out', out);
}

const unzip = (name: string): string =>
  gunzipSync(readFileSync(join(out, 'calm-3-policy', name))).toString();

describe.concurrent('npm run -s scenario', { timeout: 180_000 }, () => {
  it('prints JSON alone, writes its folder, and replays', async () => {
    const scenario = writeScenario(folder, 'calm', withoutFault);
    const args = ['run', '-s', 'scenario', scenario, '--', '--seed', '3', '--out', out, '--json'];
    const first = await npm(args);
    const scorecard = JSON.parse(first.stdout);
    expect(scorecard).toMatchObject({
      schemaVersion: 1,
      scenario: { id: 'calm', version: 1 },
      seed: 3,
      outcome: 'healthy',
      resilience: { passed: true },
      replay: `npm run scenario ${scenario} -- --seed 3 --expect-digest ${scorecard.digest}`,
    });
    expect(first.code).toBe(0);
    const run = join(out, 'calm-3-policy');
    expect(readJson(join(run, 'scorecard.json'))).toEqual(scorecard);
    expect(readdirSync(run).sort()).toEqual([
      'audit.jsonl',
      'changes.jsonl',
      'cluster.yaml',
      'events.jsonl',
      'labels.json',
      'logs.otlp.jsonl.gz',
      'metrics.csv.gz',
      'metrics.openmetrics.gz',
      'record.json',
      'report.html',
      'scorecard.json',
      'traces.json',
      'traces.otlp.jsonl.gz',
      'traces.sampled.otlp.jsonl.zst',
    ]);
    const sampled = zstdDecompressSync(readFileSync(join(run, 'traces.sampled.otlp.jsonl.zst')));
    expect(sampled.toString()).toContain('k8s.deployment.name');
    const { traces, kept } = readJson(join(run, 'traces.json')) as Record<string, number>;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(0.05 * (traces ?? 0));
    expect(unzip('metrics.csv.gz')).toMatch(/^time,signal,component,.*value\r\n\d{4}-/);
    expect(unzip('metrics.openmetrics.gz')).toMatch(/# EOF\n$/);
    expect(unzip('traces.otlp.jsonl.gz')).toContain('k8s.deployment.name');
    expect(unzip('logs.otlp.jsonl.gz')).toContain('k8s.deployment.name');

    writeFileSync(join(run, 'of-the-former-run'), '');
    const wrong = '0'.repeat(64);
    const again = await firedrill(
      ...['scenario', scenario, '--seed', '3', '--out', out, '--expect-digest', wrong],
    );
    expect(again.code).toBe(4);
    const complaint = `firedrill: expected digest ${wrong}, got ${scorecard.digest}\n`;
    expect(again.stderr).toContain(complaint);
    expect(again.stdout).toContain(`digest   ${scorecard.digest}`);
    expect(existsSync(join(run, 'of-the-former-run'))).toBe(false);
    expect(readJson(join(run, 'scorecard.json'))).toMatchObject({ digest: scorecard.digest });
  });

  it('exits 1 when the criteria are missed', async () => {
    const scenario = writeScenario(folder, 'slow');
    const { code, stdout } = await firedrill('scenario', scenario, '--out', out);
    expect(stdout).toContain('slow v1');
    expect(code).toBe(1);
  });

  it('exits 1 when a healthy scenario has an incident', async () => {
    const { code } = await playNoisy();
    const scorecard = readJson(join(out, 'noisy-7-policy/scorecard.json'));
    expect(scorecard).toMatchObject({ outcome: 'healthy', resilience: { passed: false } });
    expect((scorecard.detection as { incidents: unknown[] }).incidents.length).toBeGreaterThan(0);
    expect(code).toBe(1);
  });
});
