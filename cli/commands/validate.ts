import { Argument, Command } from 'commander';
import { FiredrillError } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import {
  describeTopology,
  expectedUtilization,
  listScenarios,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { addJsonOption, examples, type Finish, printJson } from '../options.ts';

/** Seeds whose draws a check makes: a range may lie in the run for one seed and outside for another. */
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

export function validateCommand(finish: Finish): Command {
  return addJsonOption(new Command('validate'))
    .description('check scenarios without running them: syntax, units, targets, times')
    .usage('[scenario...] -- [options]')
    .addArgument(new Argument('[scenario...]', 'ids or .yaml files (default: all shipped)'))
    .addHelpText('after', examples('npm run validate', 'npm run validate ./mine.yaml'))
    .action((given: readonly string[], { json }: { readonly json?: boolean }) => {
      const names = given.length > 0 ? given : listScenarios().map(({ id }) => id);
      const specs = new Map<string, TwinSpec>();
      const scenarios = names.map((name) => check(name, specs));
      const topologies = [...specs.values()].map(
        (spec): TopologyLoad => ({
          topology: spec.name,
          requestsPerSec: spec.workload.requestsPerSec,
          services: expectedUtilization(spec),
        }),
      );
      if (json) printJson({ scenarios, topologies });
      else print(scenarios, topologies);
      if (!scenarios.every(({ valid }) => valid)) finish(2);
    });
}

/** Loads and resolves a scenario; `specs` gets its topology, once per mean rate. */
function check(name: string, specs: Map<string, TwinSpec>): Verdict {
  try {
    const scenario = loadScenario(name);
    const spec = loadTopology(scenario.topology, { workload: scenario.workload });
    describeTopology(spec);
    for (let seed = 1; seed <= checkedSeeds; seed += 1) resolveEpisode(scenario, seed, spec);
    specs.set(`${spec.name} ${spec.workload.requestsPerSec}`, spec);
    return { scenario: scenario.id, version: scenario.version, valid: true };
  } catch (error) {
    if (!(error instanceof FiredrillError)) throw error;
    const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
    process.stderr.write(`firedrill: ${error.message}${hint}\n`);
    return { scenario: name, valid: false, error: error.message };
  }
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
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] as number;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ');
  const title = `${topology} at a mean of ${requestsPerSec} requests/s, expected in good health:`;
  return `\n${title}\n${[head, ...rows].map((row) => `  ${line(row)}`).join('\n')}\n`;
}
