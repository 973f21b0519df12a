import { cpus } from 'node:os';
import { Command } from 'commander';
import { parsePolicies } from '../../healers/index.ts';
import { runBench } from '../../lab/index.ts';
import { addJsonOption, examples, type Finish, printJson } from '../options.ts';
import { defaultPolicyText } from '../stack-options.ts';

export function benchCommand(_finish: Finish): Command {
  return addJsonOption(new Command('bench'))
    .description('measure speed; compare ratios made in one run, since machines are noisy')
    .usage('-- [options]')
    .addHelpText('after', examples('npm run bench', 'npm run -s bench -- --json > bench.json'))
    .action(bench);
}

async function bench({ json }: { readonly json?: boolean }): Promise<void> {
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
  if (json) {
    printJson({ machine, rows });
    return;
  }
  const lines = rows.map(
    ({ name, value, unit, better }) =>
      `${name.padEnd(30)} ${String(value).padStart(10)} ${unit.padEnd(6)} ${better} is better\n`,
  );
  const head = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`;
  process.stdout.write(`${head}${lines.join('')}`);
}
