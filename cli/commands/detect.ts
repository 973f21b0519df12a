import { readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import { type Detection, detectSeries } from '../../lab/index.ts';
import { renderDetectHtml, renderDetectTable } from '../../reports/index.ts';
import { breakable, breathe, interruptibly } from '../interruption.ts';
import {
  addJsonOption,
  cannotRead,
  examples,
  type Finish,
  outOption,
  printJson,
} from '../options.ts';
import { readPlotly } from '../plotly.ts';
import { Progress } from '../progress.ts';
import { linesOf } from '../read-lines.ts';
import { prepareOut, writeFolder } from '../run-folder.ts';
import { detectorOption } from '../stack-options.ts';
import { prepareFile, writeWholeFile } from '../write-whole-file.ts';

interface Flags {
  readonly csv?: string;
  readonly openmetrics?: string;
  readonly detector: string;
  readonly group: string;
  readonly loadState?: string;
  readonly saveState?: string;
  readonly out: string;
  readonly json?: boolean;
}

export function detectCommand(_finish: Finish): Command {
  const command = new Command('detect')
    .description('find incidents in series of your own: a table, JSON and a page with charts')
    .usage('-- --csv FILE|--openmetrics FILE [options]')
    .addOption(
      new Option('--csv <file>', 'a column per series, or a row per value; may be .gz').conflicts(
        'openmetrics',
      ),
    )
    .option('--openmetrics <file>', 'OpenMetrics or Prometheus text with timestamps; may be .gz')
    .addOption(detectorOption().default('default'))
    .option('--group <name>', 'the place of CSV columns without labels', 'series')
    .option('--load-state <file>', 'go on from where an earlier run stopped')
    .option('--save-state <file>', 'keep what was learnt, for the next run')
    .addOption(outOption());
  return addJsonOption(command)
    .addHelpText(
      'after',
      examples(
        'npm run detect -- --csv series.csv',
        'npm run detect -- --openmetrics metrics.txt.gz --detector robust_z',
        'npm run detect -- --csv hour.csv --load-state s.bin --save-state s.bin',
        'npm run -s detect -- --csv series.csv --json | jq .incidents',
      ),
    )
    .action(detect);
}

async function detect(flags: Flags): Promise<void> {
  const file = flags.csv ?? flags.openmetrics;
  if (file === undefined) {
    throw new UsageError('which series?', 'write: npm run detect -- --csv FILE');
  }
  const role = flags.csv === undefined ? 'OpenMetrics file' : 'CSV file';
  const lines = linesOf(file, role);
  prepareOut(flags.out);
  if (flags.saveState !== undefined) prepareFile(flags.saveState);
  await interruptibly(async (signal) => {
    const progress = new Progress('detect');
    try {
      const found = await detectSeries(
        { format: flags.csv === undefined ? 'openmetrics' : 'csv', file, lines },
        {
          detector: flags.detector,
          group: flags.group,
          state: flags.loadState === undefined ? null : readState(flags.loadState),
          isToSave: flags.saveState !== undefined,
          callModule: breakable,
          onProgress: async (share) => {
            progress.update(share);
            await breathe();
            signal.throwIfAborted();
          },
        },
      );
      const folder = join(flags.out, `detect-${parse(file).name.replaceAll(/[^\w.]+/g, '_')}`);
      await writeFolder(folder, filesOf(found), signal);
      if (flags.saveState !== undefined) {
        writeWholeFile(flags.saveState, found.state as Uint8Array);
      }
      progress.done();
      if (flags.json) printJson(found.report);
      else process.stdout.write(describe(found, folder));
    } finally {
      progress.done();
    }
  });
}

function readState(file: string): { file: string; bytes: Uint8Array } {
  try {
    return { file, bytes: readFileSync(file) };
  } catch (error) {
    throw cannotRead('saved state', file, error);
  }
}

function filesOf({ report, curves }: Detection): Record<string, string> {
  return {
    'incidents.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.html': renderDetectHtml(report, curves, { plotly: readPlotly() }),
  };
}

function describe({ report }: Detection, folder: string): string {
  const { stdout } = process;
  const color = stdout.isTTY === true && !process.env.NO_COLOR;
  const table = renderDetectTable(report, { color, width: stdout.columns ?? 160 });
  return `${table}\nwritten: ${join(folder, 'report.html')}, incidents.json\n`;
}
