/** Short trials of scenarios written for one test. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPolicyUrl } from '../../healers/index.ts';
import type { TrialRequest } from '../../lab/index.ts';

export interface ScenarioText {
  readonly id: string;
  readonly title?: string;
  readonly description?: string;
  /** YAML of the list under `faults:`. */
  readonly faults: string;
  readonly ends?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'trials-'));
let written = 0;

/** Writes a scenario of ten minutes after five of warm-up; returns its path. */
export function writeScenario(text: ScenarioText): string {
  const { id, title = 'A short test', description = 'Something happens.' } = text;
  const { faults, ends = 'remedied' } = text;
  written += 1;
  const subfolder = join(folder, `${written}`);
  mkdirSync(subfolder);
  const path = join(subfolder, `${id}.yaml`);
  const lines = [
    `id: ${id}`,
    'version: 1',
    `title: ${title}`,
    `description: ${description}`,
    'topology: online_boutique',
    'warmUp: 5m',
    'duration: 10m',
    `faults: ${faults}`,
    `ends: ${ends}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

export const zoneDown = `[
  { kind: network_partition, target: zone/us-east-1a, start: { between: [60s, 90s] },
    faultClass: zone_outage },
  { kind: node_power_loss, target: zone/us-east-1a, start: { with: 0 },
    faultClass: zone_outage } ]`;

export const badRelease = `[
  { kind: release, target: service/productcatalogservice, start: 75s, faultClass: bad_release,
    parameters: { tag: v0.10.3, errorRatio: { between: [0.3, 0.5] } } } ]`;

export function requestFor(path: string, changes: Partial<TrialRequest> = {}): TrialRequest {
  return {
    scenario: path,
    seed: 3,
    detector: 'default',
    localizer: 'combined',
    healer: 'policy',
    policy: { file: 'default', text: readFileSync(shippedPolicyUrl('default'), 'utf8') },
    manifestsDir: null,
    workload: null,
    oracle: false,
    inputHashes: {},
    ...changes,
  };
}
