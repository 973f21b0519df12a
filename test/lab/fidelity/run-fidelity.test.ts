import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { renderFidelityPage, runFidelity } from '../../../lab/fidelity/index.ts';
import { loadRecordings } from '../../../lab/fidelity/recordings.ts';

const data = process.env.FIREDRILL_DATA;
const page = readFileSync(new URL('../../../docs/fidelity.md', import.meta.url), 'utf8');

/** The part of a page about one set. */
function sectionOf(text: string, set: string): string {
  return text.split('\n## ').find((part) => part.startsWith(set)) ?? '';
}

/** The lines of the table of tests about one set, without the padding that other sets decide. */
function testsOf(text: string, set: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`| ${set} `));
  return lines.map((line) => line.replace(/ +/g, ' '));
}

describe.skipIf(data === undefined)('with FIREDRILL_DATA', () => {
  const dir = data as string;

  it('reads every set of recordings in windows of one length', () => {
    const sets = loadRecordings(dir);
    expect(sets.map(({ name, windows }) => [name, windows.length])).toEqual([
      ['Sock Shop', 1900],
      ['PetShop', 205],
      ['NAB', 317],
      ['World Cup', 43],
    ]);
    for (const { points, windows } of sets) {
      for (const { values } of windows) expect(values.length).toBe(points);
    }
  });

  it.skipIf(!process.env.FIREDRILL_FULL)(
    'docs/fidelity.md is what `npm run fidelity` writes: its first set (needs FIREDRILL_FULL)',
    async () => {
      const fresh = renderFidelityPage(await runFidelity(dir, { sets: ['Sock Shop'] }));
      expect(sectionOf(fresh, 'Sock Shop')).not.toBe('');
      expect(sectionOf(page, 'Sock Shop').trim()).toBe(sectionOf(fresh, 'Sock Shop').trim());
      expect(testsOf(page, 'Sock Shop')).toEqual(testsOf(fresh, 'Sock Shop'));
    },
    240_000,
  );
});

describe('recordings', () => {
  it('that are missing are named, with where to get them', () => {
    expect(() => loadRecordings(tmpdir())).toThrow(/expected .*rcd-sockshop.*found none/);
  });
});
