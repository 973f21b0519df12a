import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { allowSeveralDetectors, contestantStacks } from '../../cli/contestants.ts';
import { seedName, seedsForHours, seedText } from '../../cli/seeds.ts';
import { addStackOptions, type StackFlags } from '../../cli/stack-options.ts';
import { suiteScenarios } from '../../cli/suites.ts';
import { listScenarios } from '../../scenarios/index.ts';
import { temporaryFolder } from './firedrill.ts';

function parse(...args: string[]): StackFlags {
  const command = allowSeveralDetectors(addStackOptions(new Command('evaluate')));
  command.exitOverride().configureOutput({ writeErr: () => {} });
  command.parse(args, { from: 'user' });
  return command.opts();
}

describe('several detectors', () => {
  it('become one stack each, in the order given, and one only once', () => {
    const stacks = contestantStacks(parse('--detector', 'z_score,default,z_score'));
    expect(stacks.map(({ name, stack }) => [name, stack.detector])).toEqual([
      ['z_score', 'z_score'],
      ['default', 'default'],
    ]);
    expect(stacks.every(({ stack }) => stack.healer === 'policy')).toBe(true);
  });

  it('are checked one by one', () => {
    expect(() => parse('--detector', 'default,z_scroe')).toThrow(/default/);
  });

  it('keep their ending where a file has the name of a detector of ours', () => {
    const folder = temporaryFolder();
    const files = ['default.mjs', 'mine.mjs'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, 'export const nothing = 1;\n');
    const stacks = contestantStacks(parse('--detector', ['default', ...files].join(',')));
    expect(stacks.map(({ name }) => name)).toEqual(['default', 'default.mjs', 'mine']);
  });

  it('must have names that can be told apart', () => {
    const files = ['a', 'b'].map((name) => {
      const folder = join(temporaryFolder(), name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'mine.ts'), 'export const nothing = 1;\n');
      return join(folder, 'mine.ts');
    });
    const flags = parse('--detector', files.join(','));
    expect(() => contestantStacks(flags)).toThrow('two detectors have the name');
  });
});

describe('suites', () => {
  const topologies = new Map(listScenarios().map(({ id, topology }) => [id, topology]));
  const of = (suite: 'core' | 'all' | 'faulty' | 'healthy'): readonly string[] =>
    suiteScenarios({ suite });

  it('healthy has the misleading ones, too, and every topology', () => {
    expect(of('healthy')).toContain('passing_packet_loss');
    expect(new Set(of('healthy').map((id) => topologies.get(id)))).toEqual(
      new Set(topologies.values()),
    );
  });

  it('all is the catalogue, and faulty and healthy make it up', () => {
    expect(of('all')).toEqual(of('core'));
    expect(new Set([...of('faulty'), ...of('healthy')])).toEqual(new Set(of('core')));
  });
});

describe('seeds', () => {
  it('for hours are at least twenty, and as many as it takes', () => {
    const hour = 3_600_000;
    expect(seedsForHours(600, [24 * hour, 8 * hour])).toBe(20);
    expect(seedsForHours(600, [2 * hour, hour])).toBe(200);
  });

  it('are written as a range where they are one', () => {
    expect(seedText([3, 4, 5])).toBe('3-5');
    expect(seedText([3, 5])).toBe('3,5');
    expect(seedName(Array.from({ length: 40 }, (_, i) => 2 * i))).toBe('0x40');
  });
});
