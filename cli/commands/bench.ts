import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { Command, Option } from 'commander';
import { parsePolicies } from '../../healers/index.ts';
import { type BenchRow, benchMeasurements, runBench } from '../../lab/index.ts';
import { addJsonOption, examples, type Finish, printJson } from '../options.ts';
import { Progress } from '../progress.ts';
import { defaultPolicyText } from '../stack-options.ts';

interface Flags {
  readonly json?: boolean;
  readonly measure?: string;
}

export function benchCommand(_finish: Finish): Command {
  return addJsonOption(new Command('bench'))
    .description('measure speed; compare ratios made in one run, since machines are noisy')
    .usage('-- [options]')
    .addOption(
      new Option('--measure <name>', 'one measurement only, in this process').choices(
        benchMeasurements,
      ),
    )
    .addHelpText(
      'after',
      examples(
        'npm run bench',
        'npm run -s bench -- --json > bench.json',
        'npm run bench -- --measure series_100k',
      ),
    )
    .action(bench);
}

async function bench({ json, measure }: Flags): Promise<void> {
  const rows = measure ? await measureHere(measure) : await measureAll();
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
      `${name.padEnd(38)} ${String(value).padStart(10)} ${unit.padEnd(6)} ${better} is better\n`,
  );
  const head = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; CPU time of all threads, but for rows by the clock\n`;
  process.stdout.write(`${head}${lines.join('')}`);
}

async function measureHere(name: string): Promise<BenchRow[]> {
  return runBench(name, {
    cpuMs: () => {
      const { userCPUTime, systemCPUTime } = process.resourceUsage();
      return (userCPUTime + systemCPUTime) / 1000;
    },
    wallMs: () => performance.now(),
    peakRssMb: () => process.resourceUsage().maxRSS / 1024,
    policies: parsePolicies(defaultPolicyText(), 'default'),
  });
}

/**
 * One process after another: none finds the memory or the compiled code of the one before, and the
 * peak of memory is its own.
 */
async function measureAll(): Promise<BenchRow[]> {
  const progress = new Progress('bench');
  const rows: BenchRow[] = [];
  for (const [i, name] of benchMeasurements.entries()) {
    progress.update(i / benchMeasurements.length, name);
    const script = process.argv[1] as string;
    const args = [...process.execArgv, script, 'bench', '--measure', name, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    rows.push(...(JSON.parse(stdout) as { rows: BenchRow[] }).rows);
  }
  progress.done();
  return rows;
}
