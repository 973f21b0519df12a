import { join } from 'node:path';
import { Argument, Command } from 'commander';
import type { Telemetry } from '../../core/observable/index.ts';
import { DigestMismatchError, renderColumns, UsageError } from '../../core/tools/index.ts';
import type { RunRecord, Scorecard } from '../../core/truth/index.ts';
import { runTrial, surveyTraces, type TrialRequest, type WorkloadReport } from '../../lab/index.ts';
import {
  exportChangesJsonl,
  exportEventsJsonl,
  exportLogsOtlp,
  exportMetricsCsv,
  exportOpenMetrics,
  exportTracesOtlp,
  renderLabels,
  renderRunHtml,
  renderRunSummary,
} from '../../reports/index.ts';
import { listScenarios, loadScenario, loadTopology, renderCluster } from '../../scenarios/index.ts';
import { breakable, breathe, interruptibly } from '../interruption.ts';
import {
  addJsonOption,
  examples,
  type Finish,
  outOption,
  parseSeed,
  printJson,
} from '../options.ts';
import { readPlotly } from '../plotly.ts';
import { Progress } from '../progress.ts';
import { type FolderFiles, prepareOut, writeFolder } from '../run-folder.ts';
import { addStackOptions, type StackFlags, stackName, stackOf } from '../stack-options.ts';
import { warnAboutInputs } from '../warnings.ts';

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
    .usage('[scenario] -- [options]')
    .addArgument(new Argument('[scenario]', 'id of a shipped scenario, or path of a .yaml file'))
    .option('--list', 'list the shipped scenarios')
    .option('--seed <n>', 'which member of the family to play', parseSeed, 7)
    .option('--expect-digest <sha256>', 'exit 4 when the run comes out differently')
    .addOption(outOption());
  return addStackOptions(addJsonOption(command))
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
      else finish((await play(id ?? refuseNone(), flags)) ? 0 : 1);
    });
}

function printList({ json }: Flags): void {
  const scenarios = listScenarios();
  if (json) {
    printJson(
      scenarios.map(({ id, title, topology, ends, about }) => ({
        id,
        title,
        topology,
        ends,
        about,
      })),
    );
    return;
  }
  const rows = scenarios.map(({ id, title, topology, ends, about }) => {
    return [id, about?.mechanism ?? '–', ends, topology, title];
  });
  process.stdout.write(renderColumns(['id', 'mechanism', 'ends', 'topology', 'title'], rows));
}

function refuseNone(): never {
  throw new UsageError(
    'which scenario?',
    'npm run scenario -- --list shows all, for example zone_failure; or give a .yaml file of your own',
  );
}

/** True when the resilience criteria were met. */
async function play(id: string, flags: Flags): Promise<boolean> {
  const isFull = loadScenario(id).durationMs <= fullTelemetryMaxMs;
  const request: TrialRequest = { scenario: id, seed: flags.seed, ...stackOf(flags) };
  warnAboutInputs(request, [id]);
  prepareOut(flags.out);
  const { scorecard, summary } = await interruptibly(async (signal) => {
    const kept: Telemetry[] = [];
    const { record, scorecard } = await playTrial(request, { signal, kept, isFull, flags });
    const name = `${record.scenario.id}-${request.seed}-${stackName(flags)}`;
    const folder = join(flags.out, name);
    const files = { ...filesOf(record, scorecard, kept), 'cluster.yaml': clusterOf(id, flags) };
    await writeFolder(folder, files, signal);
    return { scorecard, summary: () => summarise(record, scorecard, folder) };
  });
  if (flags.json) printJson(scorecard);
  else process.stdout.write(summary());
  if (flags.expectDigest !== undefined && flags.expectDigest !== scorecard.digest) {
    throw new DigestMismatchError(
      `expected digest ${flags.expectDigest}, got ${scorecard.digest}`,
      'digests agree for one package version, Node version and architecture; compare those first',
    );
  }
  return scorecard.resilience.passed;
}

async function playTrial(
  request: TrialRequest,
  given: { signal: AbortSignal; kept: Telemetry[]; isFull: boolean; flags: Flags },
): Promise<{ record: RunRecord; scorecard: Scorecard }> {
  const { signal, kept, isFull, flags } = given;
  const progress = new Progress(loadScenario(request.scenario).id);
  try {
    const result = await runTrial(request, {
      clockMs: () => performance.now(),
      signal,
      callModule: breakable,
      onProgress: async (share) => {
        progress.update(share);
        await breathe();
      },
      onTelemetry: (telemetry) => {
        kept.push(isFull ? telemetry : { ...telemetry, logs: [], spans: [] });
      },
      onWorkload: (report) => {
        if (!flags.json) process.stderr.write(describeWorkload(report));
      },
    });
    await breathe();
    signal.throwIfAborted();
    return result;
  } finally {
    progress.done();
  }
}

function describeWorkload(report: WorkloadReport): string {
  const { from, minutes, interpolated, meanPerSec, factor } = report;
  const some = interpolated.slice(0, 3).join(', ') + (interpolated.length > 3 ? ', …' : '');
  const filled = `, ${interpolated.length} missing minutes interpolated (${some})`;
  return (
    `workload: ${minutes} minutes from ${from}, mean ${meanPerSec.toFixed(1)} requests/s, ` +
    `scaled by ${factor.toPrecision(3)}${interpolated.length > 0 ? filled : ''}\n`
  );
}

function summarise(record: RunRecord, scorecard: Scorecard, folder: string): string {
  const { stdout } = process;
  return renderRunSummary(record, scorecard, {
    color: stdout.isTTY === true && !process.env.NO_COLOR,
    width: Math.min(stdout.columns ?? 100, 120),
    files: { folder, names: ['report.html', 'scorecard.json', 'record.json'] },
  });
}

/** Nodes and manifests before the run, as `kubectl get … -o yaml` would show them. */
function clusterOf(id: string, { manifests }: Flags): string {
  const { topology, workload } = loadScenario(id);
  return renderCluster(loadTopology(topology, { manifestsDir: manifests, workload }));
}

function filesOf(record: RunRecord, scorecard: Scorecard, kept: readonly Telemetry[]): FolderFiles {
  const { topology } = record;
  const plotly = readPlotly();
  const frames = kept.flatMap((telemetry) => telemetry.frames);
  const spans = kept.flatMap((telemetry) => telemetry.spans);
  const logs = kept.flatMap((telemetry) => telemetry.logs);
  const { survey, spans: sampled } = surveyTraces(kept, record.events);
  return {
    'report.html': renderRunHtml(record, scorecard, { plotly }),
    'scorecard.json': `${JSON.stringify(scorecard, null, 2)}\n`,
    'record.json': `${JSON.stringify(record)}\n`,
    'labels.json': `${JSON.stringify(renderLabels(record, scorecard), null, 2)}\n`,
    'audit.jsonl': record.events.flatMap((event) =>
      event.type === 'audited' ? [JSON.stringify(event.entry)] : [],
    ),
    'metrics.openmetrics.gz': exportOpenMetrics(frames),
    'metrics.csv.gz': exportMetricsCsv(frames),
    'traces.otlp.jsonl.gz': exportTracesOtlp(spans, topology),
    'traces.json': `${JSON.stringify(survey, null, 2)}\n`,
    'traces.sampled.otlp.jsonl.zst': exportTracesOtlp(sampled, topology),
    'logs.otlp.jsonl.gz': exportLogsOtlp(logs, topology),
    'events.jsonl': exportEventsJsonl(kept.flatMap((telemetry) => telemetry.events)),
    'changes.jsonl': exportChangesJsonl(kept.flatMap((telemetry) => telemetry.changes)),
  };
}
