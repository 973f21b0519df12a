import { Argument, Command } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import { renderLoghubTable, renderNabTable, runLoghub, runNab } from '../../lab/index.ts';
import { addJsonOption, examples, type Finish, printJson } from '../options.ts';
import { Progress } from '../progress.ts';

type OnProgress = (done: number, total: number, label: string) => void;

/** Runs a benchmark on a folder: the report for `--json`, and the table for people. */
type Benchmark = (
  dir: string,
  onProgress: OnProgress,
) => { readonly report: object; readonly table: string };

const benchmarks: Readonly<Record<string, Benchmark>> = {
  nab: (dir, onProgress) => {
    const report = runNab(dir, { onProgress });
    return { report, table: renderNabTable(report) };
  },
  loghub: (dir, onProgress) => {
    const report = runLoghub(dir, onProgress);
    return { report, table: renderLoghubTable(report) };
  },
};

export function benchmarkCommand(_finish: Finish): Command {
  return addJsonOption(new Command('benchmark'))
    .description('score the detectors on public data, beside the published table')
    .usage('<name> -- [options]')
    .addArgument(new Argument('<name>', 'which benchmark').choices(Object.keys(benchmarks)))
    .option(
      '--data <dir>',
      'the data set (nab: the folder with data/ and labels/; loghub: one folder per system)',
    )
    .addHelpText(
      'after',
      examples(
        'npm run benchmark nab -- --data ./NAB',
        'npm run benchmark loghub -- --data ./loghub',
        'npm run -s benchmark nab -- --data ./NAB --json > nab.json',
      ),
    )
    .action((name: string, { data, json }: { readonly data?: string; readonly json?: boolean }) => {
      if (data === undefined) {
        throw new UsageError(
          'where is the data?',
          `write: npm run benchmark ${name} -- --data DIR`,
        );
      }
      const progress = new Progress(name);
      const run = benchmarks[name] as Benchmark;
      const { report, table } = run(data, (done, total, label) =>
        progress.update(done / total, label),
      );
      progress.done();
      if (json) printJson(report);
      else process.stdout.write(table);
    });
}
