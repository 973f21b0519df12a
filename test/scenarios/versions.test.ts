import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/tools/index.ts';
import { listScenarios, loadScenario, loadTopology } from '../../scenarios/index.ts';

const root = new URL('../../', import.meta.url);
const goldenFile = new URL('../golden/scenario-versions.json', import.meta.url);
/** Code whose numbers change what every scenario measures. */
const knobFiles = [
  'sim/data-plane/crowds.ts',
  'sim/data-plane/demand-noise.ts',
  'sim/faults/everyday-edits.ts',
  'sim/faults/everyday-kinds.ts',
  'sim/telemetry/gaps.ts',
  'sim/telemetry/noise.ts',
  'sim/telemetry/packet-drops.ts',
  'sim/telemetry/periodic-work.ts',
  'sim/telemetry/sidecar-agents.ts',
  'lab/tolerance.ts',
];

interface Version {
  readonly version: number;
  readonly measures: string;
}

/**
 * Parts of a scenario that no run reads: what is said of it, and what the self-test tries on it.
 */
const unmeasured: ReadonlySet<string> = new Set([
  'title',
  'description',
  'version',
  'sourceHash',
  'about',
  'selfTest',
  'remedies',
  'traps',
]);

/**
 * All that the figures of a scenario depend on besides the code's logic; comments and wording do
 * not count.
 */
function measuresOf(id: string): string {
  const { topology: topologyName, workload } = loadScenario(id);
  const scenario = Object.fromEntries(
    Object.entries(loadScenario(id)).filter(([field]) => !unmeasured.has(field)),
  );
  const topology = loadTopology(topologyName, { workload });
  const knobs = knobFiles.map((file) => {
    const code = readFileSync(new URL(file, root), 'utf8').replace(
      /\/\*[\s\S]*?\*\/|\/\/.*$/gm,
      '',
    );
    return code.match(/\b\d[\d_.e-]*/g);
  });
  return digestOf([scenario, topology, knobs]);
}

const current = Object.fromEntries(
  listScenarios().map(({ id }): [string, Version] => [
    id,
    { version: loadScenario(id).version, measures: measuresOf(id) },
  ]),
);
const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, Version>;

describe('a scenario whose numbers change gets a new version', () => {
  it.each(Object.keys(current))('%s', (id) => {
    const [now, before] = [current[id] as Version, golden[id]];
    if (before && before.measures !== now.measures) {
      const rule = `${id} measures something else than version ${before.version} did: raise its version, say why in a changes-measure: line, then update with UPDATE_GOLDEN=1`;
      expect(now.version, rule).toBeGreaterThan(before.version);
    }
    if (process.env.UPDATE_GOLDEN) return;
    expect(now, 'update test/golden/scenario-versions.json with UPDATE_GOLDEN=1').toEqual(before);
  });

  it('no scenario vanishes without its line', () => {
    if (process.env.UPDATE_GOLDEN) {
      writeFileSync(goldenFile, `${JSON.stringify(current, null, 2)}\n`);
      return;
    }
    expect(Object.keys(golden).sort()).toEqual(Object.keys(current).sort());
  });
});
