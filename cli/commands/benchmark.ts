import { Argument, Command, Option } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import { renderNabTable, runNab } from '../../lab/index.ts';
import { examples, type Finish, jsonOption, printJson } from '../options.ts';
import { Progress } from '../progress.ts';

export function benchmarkCommand(_finish: Finish): Command {
  return new Command('benchmark')
    .description('score the detectors on public data, beside the published table')
    .addArgument(new Argument('<name>', 'which benchmark').choices(['nab']))
    .addOption(
      new Option(
        '--data <dir>',
        'folder of the data set (for nab: the one with data/, labels/, results/)',
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', examples('npm run benchmark nab -- --data ./NAB'))
    .action((_name: string, flags: { data?: string; json?: boolean }) => {
      if (!flags.data)
        throw new UsageError('where is the data?', 'npm run benchmark nab -- --data DIR');
      const progress = new Progress('nab');
      const report = runNab(flags.data, {
        onProgress: (done, total, label) => progress.update(done / total, label),
      });
      progress.done();
      if (flags.json) printJson(report);
      else process.stdout.write(renderNabTable(report));
    });
}
