import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/run-cli.ts';
import { expectGolden } from '../golden.ts';

function createWithOutput(): { program: Command; output: () => string } {
  let text = '';
  const program = createProgram(() => {}, {
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 100,
  });
  return { program, output: () => text };
}

async function helpOf(...args: string[]): Promise<string> {
  const { program, output } = createWithOutput();
  await expect(program.parseAsync([...args, '--help'], { from: 'user' })).rejects.toMatchObject({
    exitCode: 0,
  });
  return output();
}

const { commands } = createWithOutput().program;

describe('help', () => {
  it('lists the commands and the exit codes', async () => {
    expectGolden('cli/help.txt', await helpOf());
  });

  it.each(commands.map((command) => command.name()))('of %s', async (name) => {
    expectGolden(`cli/help-${name}.txt`, await helpOf(name));
  });

  it.each(commands.map((command) => [command.name(), command] as const))(
    'the examples of %s are real: its own name and options, behind `--`',
    async (name, command) => {
      const text = await helpOf(name);
      const lines = text.slice(text.indexOf('Examples:')).split('\n').slice(1);
      const examples = lines.filter((line) => line.startsWith('  npm'));
      expect(examples.length).toBeGreaterThan(0);
      for (const line of examples) {
        const [call] = line.split(/ [>|] /) as [string];
        expect(call).toMatch(new RegExp(`^  npm run (-s )?${name}( |$)`));
        const [before, after = ''] = call.split(' -- ') as [string, string?];
        expect(before, line).not.toMatch(/ --/);
        for (const [flag] of after.matchAll(/--[a-z-]+/g)) {
          expect(command.options.map((option) => option.long)).toContain(flag);
        }
      }
    },
  );
});
