import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import type { Telemetry } from '../../core/observable/index.ts';
import { DigestMismatchError, UsageError } from '../../core/tools/index.ts';
import type { RunRecord, Scorecard } from '../../core/truth/index.ts';
import {
  InterruptedError,
  runTrial,
  type TrialRequest,
  type WorkloadReport,
} from '../../lab/index.ts';
import {
  exportChangesJsonl,
  exportEventsJsonl,
  exportLogsOtlp,
  exportOpenMetrics,
  exportTracesOtlp,
  renderLabels,
  renderRunHtml,
  renderRunSummary,
} from '../../reports/index.ts';
import { listScenarios, loadScenario } from '../../scenarios/index.ts';
import { examples, type Finish, jsonOption, outOption, parseSeed, printJson } from '../options.ts';
import { breathe, Progress } from '../progress.ts';
import { type FolderFiles, writeFolder } from '../run-folder.ts';
import { addStackOptions, type StackFlags, stackOf } from '../stack-options.ts';

interface Flags extends StackFlags {
  readonly seed: number;
  readonly out: string;
  readonly json?: boolean;
  readonly list?: boolean;
  readonly expectDigest?: string;
}

/** Runs longer than this keep metrics, events and changes; logs and spans of a day fill a disk. */
const fullTelemetryMaxMs = 3 * 3_600_000;

export function scenarioCommand(finish: Finish): Command {
  const command = new Command('scenario')
    .description('play one scenario: break the twin, detect, diagnose, heal, score, report')
    .addArgument(new Argument('[scenario]', 'id of a shipped scenario, or path of a .yaml file'))
    .option('--list', 'list the shipped scenarios')
    .option('--seed <n>', 'which member of the family to play', parseSeed, 7)
    .option('--expect-digest <hex>', 'exit 4 when the run comes out differently')
    .addOption(outOption())
    .addOption(jsonOption());
  return addStackOptions(command)
    .addHelpText(
      'after',
      examples(
        'npm run scenario zone_failure',
        'npm run scenario zone_failure -- --seed 1007 --healer none',
        'npm run scenario ./mine.yaml -- --policy ./policies.yaml',
        'npm run -s scenario zone_failure -- --json | jq .resilience',
      ),
    )
    .action(async (id: string | undefined, flags: Flags) => {
      if (flags.list) printList(flags);
      else if (id === undefined) {
        throw new UsageError(
          'which scenario?',
          'npm run scenario zone_failure, or npm run scenario -- --list',
        );
      } else finish((await play(id, flags)) ? 0 : 1);
    });
}

function printList({ json }: Flags): void {
  const scenarios = listScenarios();
  if (json) printJson(scenarios.map(({ id, title }) => ({ id, title })));
  else {
    const width = Math.max(...scenarios.map(({ id }) => id.length));
    process.stdout.write(
      scenarios.map(({ id, title }) => `${id.padEnd(width)}  ${title}\n`).join(''),
    );
  }
}

/** True when the resilience criteria were met. */
async function play(id: string, flags: Flags): Promise<boolean> {
  const request: TrialRequest = { scenario: id, seed: flags.seed, ...stackOf(flags) };
  const isFull = loadScenario(id).durationMs <= fullTelemetryMaxMs;
  const kept: Telemetry[] = [];
  const { record, scorecard } = await playInterruptibly(request, {
    isFull,
    kept,
    quiet: flags.json === true,
  });
  const folder = join(flags.out, `${record.scenario.id}-${request.seed}-${request.healer}`);
  await writeFolder(folder, filesOf(record, scorecard, kept));
  if (flags.json) printJson(scorecard);
  else {
    const { stdout } = process;
    stdout.write(
      renderRunSummary(record, scorecard, {
        color: stdout.isTTY === true && !process.env.NO_COLOR,
        width: Math.min(stdout.columns ?? 100, 120),
        files: { folder, names: ['report.html', 'scorecard.json', 'record.json'] },
      }),
    );
  }
  if (flags.expectDigest && flags.expectDigest !== scorecard.digest) {
    throw new DigestMismatchError(
      `expected digest ${flags.expectDigest}, got ${scorecard.digest}`,
      'digests agree for one package version, Node version and architecture; compare those first',
    );
  }
  return scorecard.resilience.passed;
}

async function playInterruptibly(
  request: TrialRequest,
  { isFull, kept, quiet }: { isFull: boolean; kept: Telemetry[]; quiet: boolean },
): Promise<{ record: RunRecord; scorecard: Scorecard }> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const progress = new Progress(request.scenario);
  try {
    return await runTrial(request, {
      clockMs: () => performance.now(),
      signal: stop.signal,
      onProgress: (share) => {
        progress.update(share);
        return breathe();
      },
      onTelemetry: (telemetry) => {
        kept.push(isFull ? telemetry : { ...telemetry, logs: [], spans: [] });
      },
      onWorkload: (report) => {
        if (!quiet) process.stderr.write(describeWorkload(report));
      },
    });
  } finally {
    progress.done();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    if (stop.signal.aborted) throw new InterruptedError();
  }
}

function describeWorkload({
  from,
  minutes,
  interpolated,
  meanPerSec,
  factor,
}: WorkloadReport): string {
  const filled =
    interpolated.length > 0
      ? `, ${interpolated.length} missing minutes interpolated (${interpolated.slice(0, 3).join(', ')}${interpolated.length > 3 ? ', …' : ''})`
      : '';
  return `workload: ${minutes} minutes from ${from}, mean ${meanPerSec.toFixed(1)} requests/s, scaled by ${factor.toPrecision(3)}${filled}\n`;
}

function filesOf(record: RunRecord, scorecard: Scorecard, kept: readonly Telemetry[]): FolderFiles {
  const plotly = readFileSync(
    createRequire(import.meta.url).resolve('plotly.js-cartesian-dist-min'),
    'utf8',
  );
  const frames = kept.flatMap((telemetry) => telemetry.frames);
  return {
    'report.html': renderRunHtml(record, scorecard, { plotly }),
    'scorecard.json': `${JSON.stringify(scorecard, null, 2)}\n`,
    'record.json': `${JSON.stringify(record)}\n`,
    'labels.json': `${JSON.stringify(renderLabels(record, scorecard), null, 2)}\n`,
    'audit.jsonl': record.events.flatMap((event) =>
      event.type === 'audited' ? [JSON.stringify(event.entry)] : [],
    ),
    'metrics.openmetrics.gz': exportOpenMetrics(frames),
    'traces.otlp.jsonl.gz': exportTracesOtlp(kept.flatMap((telemetry) => telemetry.spans)),
    'logs.otlp.jsonl.gz': exportLogsOtlp(kept.flatMap((telemetry) => telemetry.logs)),
    'events.jsonl': exportEventsJsonl(kept.flatMap((telemetry) => telemetry.events)),
    'changes.jsonl': exportChangesJsonl(kept.flatMap((telemetry) => telemetry.changes)),
  };
}
