import { cpus } from 'node:os';
import { Command } from 'commander';
import { parsePolicies } from '../../healers/index.ts';
import { runBench } from '../../lab/index.ts';
import { examples, type Finish, jsonOption, printJson } from '../options.ts';
import { defaultPolicyText } from '../stack-options.ts';

export function benchCommand(_finish: Finish): Command {
  return new Command('bench')
    .description('measure speed; compare ratios made in one run, since machines are noisy')
    .addOption(jsonOption())
    .addHelpText('after', examples('npm run -s bench -- --json'))
    .action(async (flags: { json?: boolean }) => {
      const rows = await runBench({
        clockMs: () => performance.now(),
        policies: parsePolicies(defaultPolicyText(), 'default'),
      });
      const [cpu, ...others] = cpus();
      const machine = {
        cpu: cpu?.model ?? 'unknown',
        cores: others.length + 1,
        node: process.version,
      };
      if (flags.json) printJson({ machine, rows });
      else {
        process.stdout.write(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);
        for (const { name, value, unit, better } of rows) {
          process.stdout.write(
            `${name.padEnd(30)} ${String(value).padStart(10)} ${unit.padEnd(6)} ${better} is better\n`,
          );
        }
      }
    });
}
