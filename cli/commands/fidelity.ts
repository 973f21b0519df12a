import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import { renderFidelityPage, runFidelity } from '../../lab/index.ts';
import { addJsonOption, examples, type Finish, printJson } from '../options.ts';
import { Progress } from '../progress.ts';
import { writeWholeFile } from '../write-whole-file.ts';

interface FidelityOptions {
  readonly data?: string;
  readonly write?: boolean;
  readonly json?: boolean;
}

export function fidelityCommand(_finish: Finish): Command {
  return addJsonOption(new Command('fidelity'))
    .description('hold generated telemetry against recordings of real systems')
    .usage('-- [options]')
    .option(
      '--data <dir>',
      'the recordings: a folder with nab/, petshop/, rcd-sockshop/ and worldcup98/',
    )
    .option('--write', 'update the shipped docs/fidelity.md')
    .addHelpText(
      'after',
      examples(
        'npm run fidelity -- --data ./recordings',
        'npm run fidelity -- --data ./recordings --write',
        'npm run -s fidelity -- --data ./recordings --json > fidelity.json',
      ),
    )
    .action(compare);
}

async function compare({ data, write, json }: FidelityOptions): Promise<void> {
  if (data === undefined) {
    throw new UsageError('where are the recordings?', 'write: npm run fidelity -- --data DIR');
  }
  const progress = new Progress('fidelity');
  const report = await runFidelity(data, {
    onProgress: (share, label) => progress.update(share, label),
  });
  progress.done();
  const page = renderFidelityPage(report);
  if (write)
    writeWholeFile(fileURLToPath(new URL('../../docs/fidelity.md', import.meta.url)), page);
  if (json) printJson(report);
  else if (!write) process.stdout.write(page);
}
