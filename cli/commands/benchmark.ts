import { Argument, Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import {
  type BenchmarkReport,
  detectorName,
  fitTails,
  isDetectorFile,
  loadPointDetector,
  renderCalibrationTable,
  renderForecastTable,
  renderLoghubTable,
  renderLogsOnlineTable,
  renderMultivariateTable,
  renderNabTable,
  renderSamplerTable,
  runCalibration,
  runForecasts,
  runLoghub,
  runLogsOnline,
  runMultivariate,
  runNab,
  runSampler,
} from '../../lab/index.ts';
import { modelFolder } from '../model-folder.ts';
import {
  addJsonOption,
  examples,
  type Finish,
  parseCount,
  parseSeed,
  printJson,
} from '../options.ts';
import { Progress } from '../progress.ts';
import { seedRange } from '../seeds.ts';

type OnProgress = (done: number, total: number, label: string) => void;

interface Result {
  /** Fitting prints the heights alone: nothing is scored. */
  readonly report: BenchmarkReport | readonly number[];
  readonly table: string;
}

/**
 * Runs a benchmark on a folder: the report for `--json`, and the table for people. `detector` is
 * the file of one that takes part besides ours.
 */
type Benchmark = (
  dir: string,
  onProgress: OnProgress,
  detector: string | undefined,
  flags: Flags,
) => Result | Promise<Result>;

const benchmarks: Readonly<Record<string, Benchmark>> = {
  nab: async (dir, onProgress, detector) => {
    const report = runNab(dir, {
      onProgress,
      ...(detector !== undefined && {
        own: { name: detectorName(detector), create: await loadPointDetector(detector) },
      }),
    });
    return { report, table: renderNabTable(report) };
  },
  loghub: (dir, onProgress, detector) => {
    if (detector !== undefined) {
      throw new UsageError('loghub scores template miners', 'drop --detector');
    }
    const report = runLoghub(dir, onProgress);
    return { report, table: renderLoghubTable(report) };
  },
  multivariate: async (dir, onProgress, detector, { slow = false, models }) => {
    const report = await runMultivariate(dir, {
      onProgress,
      slow,
      ...(detector !== undefined && { detector }),
      ...(models !== undefined && { models: modelFolder(models, dir) }),
    });
    return { report, table: renderMultivariateTable(report) };
  },
};

/** Benchmarks on worlds of our own, which need no data. */
const ownBenchmarks: Readonly<
  Record<string, (onProgress: OnProgress, flags: Flags) => Promise<Result>>
> = {
  calibration: async (onProgress, { seeds = 2, firstSeed, fit = false }) => {
    const range = seedRange({ seeds, firstSeed });
    const options = { seeds: range, hours: 4, onProgress };
    if (fit) {
      const report = await fitTails(options);
      return { report, table: `${JSON.stringify(report)}\n` };
    }
    const report = await runCalibration(options);
    return { report, table: renderCalibrationTable(report) };
  },
  forecasts: async (onProgress, { seeds = 60, firstSeed, jobs }) => {
    seedRange({ seeds, firstSeed });
    const report = await runForecasts({ seeds, firstSeed, jobs, onProgress });
    return { report, table: renderForecastTable(report) };
  },
  logs: async (onProgress, { seeds = 1, firstSeed, jobs }) => {
    const report = await runLogsOnline({
      seeds: seedRange({ seeds, firstSeed }),
      jobs,
      onProgress,
    });
    return { report, table: renderLogsOnlineTable(report) };
  },
  sampler: async (onProgress, { seeds = 2, firstSeed }) => {
    const report = await runSampler({ seeds: seedRange({ seeds, firstSeed }), onProgress });
    return { report, table: renderSamplerTable(report) };
  },
};

interface Flags {
  readonly data?: string;
  readonly seeds?: number;
  readonly firstSeed: number;
  readonly jobs: number;
  readonly detector?: string;
  readonly json?: boolean;
  readonly slow?: boolean;
  readonly fit?: boolean;
  readonly models?: string;
}

export function benchmarkCommand(_finish: Finish): Command {
  return addJsonOption(new Command('benchmark'))
    .description('score the detectors on public data, beside the published table')
    .usage('<name> -- [options]')
    .addArgument(
      new Argument('<name>', 'which benchmark').choices([
        ...Object.keys(benchmarks),
        ...Object.keys(ownBenchmarks),
      ]),
    )
    .option(
      '--data <dir>',
      'the data set (nab: the folder with data/ and labels/; loghub: one folder per system; ' +
        'multivariate: the folder with <entity>_train.csv, _test.csv, _test_label.csv)',
    )
    .option('--detector <file>', 'a module of your own that takes part', (text) => {
      if (isDetectorFile(text)) return text;
      throw new InvalidArgumentError('expected a path such as ./mine.ts; ours always take part.');
    })
    .option('--models <dir>', "multivariate: keep the default's fitted models here, and reuse them")
    .option('--slow', 'multivariate: sub-PCA and an LSTM autoencoder take part, too')
    .option('--fit', 'calibration: fit the tails on the training topologies and print them')
    .option('--seeds <n>', 'calibration, forecasts, logs, sampler: how many seeds', parseCount)
    .option('--first-seed <n>', 'calibration, forecasts, logs, sampler: the first', parseSeed, 1001)
    .option('--jobs <n>', 'forecasts, logs: worker threads', parseCount, 2)
    .addHelpText(
      'after',
      examples(
        'npm run benchmark nab -- --data ./NAB',
        'npm run benchmark nab -- --data ./NAB --detector ./mine.ts',
        'npm run benchmark loghub -- --data ./loghub',
        'npm run benchmark multivariate -- --data ./machines',
        'npm run benchmark calibration',
        'npm run benchmark forecasts',
        'npm run benchmark logs',
        'npm run benchmark sampler',
        'npm run -s benchmark nab -- --data ./NAB --json > nab.json',
      ),
    )
    .action(async (name: string, flags: Flags) => {
      const { data, detector, json } = flags;
      const progress = new Progress(name);
      const onProgress: OnProgress = (done, total, label) => progress.update(done / total, label);
      const own = ownBenchmarks[name];
      if (own === undefined && data === undefined) {
        throw new UsageError(
          'where is the data?',
          `write: npm run benchmark ${name} -- --data DIR`,
        );
      }
      if (own !== undefined && detector !== undefined) {
        throw new UsageError(`${name} takes no detector of your own`, 'drop --detector');
      }
      const { report, table } = own
        ? await own(onProgress, flags)
        : await (benchmarks[name] as Benchmark)(data as string, onProgress, detector, flags);
      progress.done();
      if (json) printJson(report);
      else process.stdout.write(table);
    });
}
