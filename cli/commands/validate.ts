import { Argument, Command, Option } from 'commander';
import { FiredrillError, renderColumns } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import {
  checkDetector,
  EditRehearsal,
  loadDetector,
  quoteWord,
  runGates,
  runSelfTest,
  WarmWorlds,
} from '../../lab/index.ts';
import { renderSelfTestTable, renderTrivialityTable } from '../../reports/index.ts';
import {
  expectedUtilization,
  loadScenario,
  resolveEpisode,
  scenarioIds,
} from '../../scenarios/index.ts';
import {
  addJsonOption,
  examples,
  type Finish,
  parseCount,
  parseSeed,
  parseSeedList,
  printJson,
} from '../options.ts';
import { withProgress } from '../progress-of-pieces.ts';
import { detectorOption } from '../stack-options.ts';

/**
 * Seeds whose draws a check makes: a range may lie in the run for one seed and outside for another.
 */
const checkedSeeds = 50;

type Verdict =
  | { readonly scenario: string; readonly version: number; readonly valid: true }
  | { readonly scenario: string; readonly valid: false; readonly error: string };

/** What every service of a topology has to do in good health, at one mean request rate. */
interface TopologyLoad {
  readonly topology: string;
  readonly requestsPerSec: number;
  readonly services: ReturnType<typeof expectedUtilization>;
}

interface Flags {
  readonly all?: boolean;
  readonly gates?: boolean;
  readonly seed: number;
  readonly chooseList: readonly number[];
  readonly seedList: readonly number[];
  readonly jobs: number;
  readonly detector?: string;
  readonly json?: boolean;
}

export function validateCommand(finish: Finish): Command {
  return addJsonOption(new Command('validate'))
    .description('check scenarios: syntax, units, targets, times; with --all, play and test them')
    .usage('[scenario...] -- [options]')
    .addArgument(new Argument('[scenario...]', 'ids or .yaml files (default: all shipped)'))
    .option('--all', 'self-test too: what breaks, undoing, remedies, traps, cheats, determinism')
    .option('--seed <n>', 'the seed of the self-test', parseSeed, 1)
    .addOption(
      new Option('--gates', 'hold the suite against one-liners, loudness and metadata').conflicts(
        'all',
      ),
    )
    .addOption(seedList('--choose-list <list>', 'seeds the gates choose constants on', [1, 2]))
    .addOption(seedList('--seed-list <list>', 'seeds the gates are judged on', [3, 4]))
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addOption(detectorOption().conflicts(['all', 'gates']))
    .addHelpText(
      'after',
      examples(
        'npm run validate',
        'npm run validate ./mine.yaml',
        'npm run validate -- --all',
        'npm run validate ./mine.yaml -- --all --seed 7',
        'npm run -s validate -- --gates --json > gates.json',
        'npm run validate -- --detector ./mine.ts',
      ),
    )
    .action(async (given: readonly string[], flags: Flags) => {
      if (flags.detector !== undefined) {
        await holdDetector(flags.detector, flags, finish);
        return;
      }
      const names = given.length > 0 ? given : scenarioIds();
      const specs = new Map<string, TwinSpec>();
      const check = createCheck(specs);
      const scenarios: Verdict[] = [];
      for (const name of names) scenarios.push(await check(name));
      if (!scenarios.every(({ valid }) => valid)) finish(2);
      else if (flags.all || flags.gates) {
        await (flags.all ? testAll : judgeSuite)(names, flags, finish);
        return;
      }
      const topologies = [...specs.values()].map(
        (spec): TopologyLoad => ({
          topology: spec.name,
          requestsPerSec: spec.workload.requestsPerSec,
          services: expectedUtilization(spec),
        }),
      );
      if (flags.json) printJson({ scenarios, topologies });
      else print(scenarios, topologies);
    });
}

function seedList(flags: string, description: string, usual: readonly number[]): Option {
  return new Option(flags, description).argParser(parseSeedList).default(usual, usual.join(','));
}

/** Holds a detector against the contract; a broken rule makes the exit code 1. */
async function holdDetector(
  detector: string,
  { seed, json }: Flags,
  finish: Finish,
): Promise<void> {
  const checks = await checkDetector(() => loadDetector(detector, { seed }));
  const lines = checks.map(({ rule, problem }) =>
    problem === null ? `ok   ${rule}` : `bad  ${rule}\n     ${problem}`,
  );
  if (json) printJson({ detector, checks });
  else process.stdout.write(`${lines.join('\n')}\n`);
  if (checks.some(({ problem }) => problem !== null)) finish(1);
}

/** Plays and tests the scenarios; any failed check makes the exit code 1. */
async function testAll(
  scenarios: readonly string[],
  { seed, jobs, json }: Flags,
  finish: Finish,
): Promise<void> {
  const report = await withProgress('scenarios', scenarios.length, (signal, onDone) =>
    runSelfTest({ scenarios, seed, jobs, signal, onDone }),
  );
  if (json) printJson(report);
  else process.stdout.write(renderSelfTestTable(report));
  if (report.failed > 0) finish(1);
}

/** Records the scenarios and judges the suite; any missed gate makes the exit code 1. */
async function judgeSuite(
  scenarios: readonly string[],
  flags: Flags,
  finish: Finish,
): Promise<void> {
  const { chooseList: chosenOnSeeds, seedList: seeds, jobs, json } = flags;
  const lists = `--choose-list ${chosenOnSeeds.join(',')} --seed-list ${seeds.join(',')}`;
  const shipped = scenarioIds();
  const isSuite = scenarios.join() === shipped.join();
  const names = isSuite ? '' : `${scenarios.map(quoteWord).join(' ')} `;
  const replay = `npm run validate ${names}-- --gates ${lists}`;
  const total = scenarios.length * new Set([...chosenOnSeeds, ...seeds]).size;
  const report = await withProgress('recordings', total, (signal, onDone) =>
    runGates({ scenarios, chosenOnSeeds, seeds, jobs, replay, signal, onDone }),
  );
  if (json) printJson(report);
  else process.stdout.write(renderTrivialityTable(report));
  if (!report.passed) finish(1);
}

/** Loads, resolves and rehearses scenarios; `specs` gets their topologies, once per mean rate. */
function createCheck(specs: Map<string, TwinSpec>): (name: string) => Promise<Verdict> {
  const rehearsal = new EditRehearsal();
  const worlds = new WarmWorlds();
  return async (name) => {
    try {
      const scenario = loadScenario(name);
      const described = worlds.describe(scenario);
      const { spec } = described;
      for (let seed = 1; seed <= checkedSeeds; seed += 1) {
        await rehearsal.play(resolveEpisode(scenario, seed, spec), described);
      }
      specs.set(`${spec.name} ${spec.workload.requestsPerSec}`, spec);
      return { scenario: scenario.id, version: scenario.version, valid: true };
    } catch (error) {
      if (!(error instanceof FiredrillError)) throw error;
      const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
      process.stderr.write(`firedrill: ${error.message}${hint}\n`);
      return { scenario: name, valid: false, error: error.message };
    }
  };
}

function print(scenarios: readonly Verdict[], topologies: readonly TopologyLoad[]): void {
  const lines = scenarios.map((verdict) =>
    verdict.valid ? `ok   ${verdict.scenario} v${verdict.version}` : `bad  ${verdict.scenario}`,
  );
  process.stdout.write(`${lines.join('\n')}\n${topologies.map(renderLoad).join('')}`);
}

function renderLoad({ topology, requestsPerSec, services }: TopologyLoad): string {
  const head = ['service', 'requests/s', 'cores', 'replicas', 'limit', 'used'];
  const rows = services.map((load) => [
    load.service,
    load.requestsPerSec.toFixed(1),
    load.cpuCores.toFixed(2),
    String(load.replicas),
    load.limitCores === null ? 'none' : load.limitCores.toFixed(2),
    load.utilization === null ? '–' : `${Math.round(load.utilization * 100)} %`,
  ]);
  const title = `${topology} at a mean of ${requestsPerSec} requests/s, expected in good health:`;
  return `\n${title}\n${renderColumns(head, rows, 'right').replaceAll(/^(?=.)/gm, '  ')}`;
}
