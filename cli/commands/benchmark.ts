import { Argument, Command } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import { renderNabTable, runNab } from '../../lab/index.ts';
import { addJsonOption, examples, type Finish, printJson } from '../options.ts';
import { Progress } from '../progress.ts';

export function benchmarkCommand(_finish: Finish): Command {
  return addJsonOption(new Command('benchmark'))
    .description('score the detectors on public data, beside the published table')
    .usage('<name> -- [options]')
    .addArgument(new Argument('<name>', 'which benchmark').choices(['nab']))
    .option('--data <dir>', 'the data set (for nab: the folder with data/, labels/ and results/)')
    .addHelpText(
      'after',
      examples(
        'npm run benchmark nab -- --data ./NAB',
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
      const report = runNab(data, {
        onProgress: (done, total, label) => progress.update(done / total, label),
      });
      progress.done();
      if (json) printJson(report);
      else process.stdout.write(renderNabTable(report));
    });
}
