import { Argument, Command } from 'commander';
import { compileToChaosMesh, renderChaosYaml, renderKindConfig } from '../../kind-cluster/index.ts';
import {
  describeTopology,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { examples, type Finish, jsonOption, parseSeed, printJson } from '../options.ts';

interface Flags {
  readonly seed: number;
  readonly kindConfig?: boolean;
  readonly json?: boolean;
}

export function chaosCommand(_finish: Finish): Command {
  return new Command('chaos')
    .description('print the Chaos Mesh manifests of a scenario, and what Chaos Mesh cannot express')
    .addArgument(new Argument('<scenario>', 'id or .yaml file'))
    .option('--seed <n>', "which member of the family (draws the faults' numbers)", parseSeed, 7)
    .option('--kind-config', 'print the kind cluster configuration instead')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'npm run -s chaos -- zone_failure > chaos.yaml && kubectl apply -f chaos.yaml',
        'npm run -s chaos -- zone_failure --kind-config > kind.yaml',
      ),
    )
    .action((id: string, { seed, kindConfig, json }: Flags) => {
      const scenario = loadScenario(id);
      const spec = loadTopology(scenario.topology, { workload: scenario.workload });
      const topology = describeTopology(spec);
      if (kindConfig) {
        process.stdout.write(renderKindConfig(topology));
        return;
      }
      const compiled = compileToChaosMesh(resolveEpisode(scenario, seed, spec), topology);
      if (json) printJson(compiled);
      else process.stdout.write(renderChaosYaml(compiled));
    });
}
