import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadScenario, loadTopology, renderTopology } from '../../scenarios/index.ts';

function write(files: Readonly<Record<string, string>>): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'firedrill-written-')), 'mine');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const given = { head: ['Written by a test.'], otherManifestsPerSec: 30 };

describe('a topology that was written', () => {
  it.each(['online_boutique', 'social_network', 'train_ticket'])('%s reads back', (name) => {
    const spec = loadTopology(name);
    const back = loadTopology(write(renderTopology(spec, given)));
    expect(back).toEqual({ ...spec, name: 'mine' });
  });

  it('is found by a scenario beside it, relative to the scenario file', () => {
    const folder = write({
      ...renderTopology(loadTopology('online_boutique'), given),
      'quiet.yaml': [
        'id: quiet',
        'version: 1',
        'title: Nothing happens',
        'description: Nothing.',
        'topology: .',
        'duration: 10m',
        'ends: healthy',
      ].join('\n'),
    });
    expect(loadTopology(loadScenario(join(folder, 'quiet.yaml')).topology).name).toBe('mine');
  });

  it('is refused when the folder has no topology', () => {
    expect(() => loadTopology('./nowhere')).toThrow(/cannot read nowhere\/overlay\.yaml/);
  });
});
