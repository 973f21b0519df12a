import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import {
  type Calibration,
  calibrate,
  compareTopologies,
  describeFit,
  quoteWord,
  renderAssumptions,
  renderFitSummary,
  renderFitTable,
  renderRecovery,
} from '../../lab/index.ts';
import { loadTopology, renderTopology } from '../../scenarios/index.ts';
import { breathe, interruptibly } from '../interruption.ts';
import {
  addJsonOption,
  examples,
  type Finish,
  parseSeed,
  printJson,
  readText,
} from '../options.ts';
import { Progress } from '../progress.ts';
import { linesOf } from '../read-lines.ts';
import { type FolderFiles, writeFolder } from '../run-folder.ts';

interface Flags {
  readonly metrics: string;
  readonly traces: string;
  readonly manifests: string;
  readonly out: string;
  readonly force?: boolean;
  readonly seed: number;
  readonly against?: string;
  readonly json?: boolean;
}

export function calibrateCommand(_finish: Finish): Command {
  const command = new Command('calibrate')
    .description('fit a topology for the twin to the telemetry of a real cluster')
    .usage('-- [options]')
    .requiredOption('--metrics <file>', 'OpenMetrics text with timestamps, or CSV; may be .gz')
    .requiredOption('--traces <file>', 'spans as OTLP JSON lines; may be .gz')
    .requiredOption('--manifests <path>', 'Kubernetes YAML: a folder or one file')
    .option('--out <dir>', 'the topology folder to write', 'runs/calibrated')
    .option('--force', 'replace the folder when it is there')
    .option('--seed <n>', 'of the runs of the twin that correct and check the fit', parseSeed, 1)
    .option('--against <topology>', 'for telemetry of the twin itself: compare with its topology');
  return addJsonOption(command)
    .addHelpText(
      'after',
      examples(
        'npm run calibrate -- --metrics metrics.txt --traces otlp.jsonl --manifests ./manifests',
        'npm run calibrate -- --metrics m.csv.gz --traces t.jsonl.gz --manifests . --out ./mine',
      ),
    )
    .action(runCalibrate);
}

async function runCalibrate(flags: Flags): Promise<void> {
  const folder = flags.out;
  if (existsSync(folder) && !flags.force) {
    throw new UsageError(
      `${folder} is there already`,
      'choose another folder with --out DIR, or replace it with --force',
    );
  }
  const truth = flags.against === undefined ? null : loadTopology(flags.against);
  await interruptibly(async (signal) => {
    const progress = new Progress('calibrate');
    try {
      const result = await fitFiles(flags, truth, async (share) => {
        progress.update(share);
        await breathe();
        signal.throwIfAborted();
      });
      await writeFolder(folder, filesOf(result, flags), signal);
      progress.done();
      if (flags.json) printJson(result.report);
      else process.stdout.write(describe(result, flags));
    } finally {
      progress.done();
    }
  });
}

interface Result {
  readonly calibration: Calibration;
  readonly report: ReturnType<typeof describeFit>;
}

async function fitFiles(
  flags: Flags,
  truth: TwinSpec | null,
  onProgress: (share: number) => Promise<void>,
): Promise<Result> {
  await onProgress(0);
  const inputs = {
    name: basename(resolve(flags.out)),
    traces: { file: flags.traces, lines: linesOf(flags.traces, 'traces') },
    metrics: { file: flags.metrics, lines: linesOf(flags.metrics, 'metrics') },
    manifests: manifestsOf(flags.manifests),
  };
  const calibration = await calibrate(inputs, { seed: flags.seed, onProgress });
  const recovery = truth ? compareTopologies(calibration.fitted.spec, truth) : null;
  return { calibration, report: describeFit(calibration, recovery) };
}

/** Every YAML file of the folder, or the one file. */
function manifestsOf(path: string): { path: string; text: string }[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return [{ path, text: readText(path, 'manifests') }];
  return readdirSync(path)
    .filter((file) => /\.ya?ml$/.test(file) && !/^kustomization\.ya?ml$/.test(file))
    .sort()
    .map((file) => join(path, file))
    .map((file) => ({ path: file, text: readText(file, 'manifest') }));
}

const scenarioId = 'healthy_hour';

function filesOf({ calibration, report }: Result, flags: Flags): FolderFiles {
  const { spec } = calibration.fitted;
  return {
    ...renderTopology(spec, {
      head: [
        'A topology fitted to telemetry by `npm run calibrate`; docs/calibrate.md says how.',
        `From ${basename(flags.traces)}, ${basename(flags.metrics)} and ${basename(flags.manifests)}.`,
        'fit.json says how well it fits, and which values the data did not tell.',
      ],
      otherManifestsPerSec: spec.workload.requestsPerSec,
    }),
    'fit.json': `${JSON.stringify(report, null, 2)}\n`,
    [`${scenarioId}.yaml`]: [
      `id: ${scenarioId}`,
      'version: 1',
      'title: An hour on which nothing happens',
      'description: A quiet hour of the calibrated cluster; copy it and add faults.',
      'topology: .',
      'duration: 1h',
      'ends: healthy',
      '',
    ].join('\n'),
  };
}

function describe({ calibration, report }: Result, { out }: Flags): string {
  const { fitted, traces, metrics, skippedKinds } = calibration;
  const ignored = [...metrics.ignored.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...skippedKinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const recovery = report.recovery
    ? `\nrecovered parameters:\n${renderRecovery(report.recovery)}`
    : '';
  return [
    renderFitSummary(fitted),
    `${traces.traces} traces, ${traces.spans} spans, ${traces.brokenTraces} traces broken; `,
    `${ignored} series of ${metrics.ignored.size} other metrics ignored`,
    `${kinds === '' ? '' : `; not played: ${kinds}`}\n\n`,
    renderFitTable(report.services),
    recovery,
    `\nnot identifiable from this data, so assumed:\n${renderAssumptions(fitted.assumptions)}`,
    `\nwritten: ${join(out, 'overlay.yaml')}, manifests/, fit.json, ${scenarioId}.yaml\n`,
    `next: npm run scenario ${quoteWord(join(out, `${scenarioId}.yaml`))}\n`,
  ].join('');
}
