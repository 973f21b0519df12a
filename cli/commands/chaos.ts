import { Argument, Command } from 'commander';
import { compileToChaosMesh, renderChaosYaml, renderKindConfig } from '../../kind-cluster/index.ts';
import {
  describeTopology,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { httpPorts } from '../http-ports.ts';
import { addJsonOption, examples, type Finish, parseSeed, printJson } from '../options.ts';

interface Flags {
  readonly seed: number;
  readonly kindConfig?: boolean;
  readonly json?: boolean;
}

export function chaosCommand(_finish: Finish): Command {
  return addJsonOption(new Command('chaos'))
    .description('print the Chaos Mesh manifests of a scenario, and what Chaos Mesh cannot express')
    .usage('<scenario> -- [options]')
    .addArgument(new Argument('<scenario>', 'id of a shipped scenario, or path of a .yaml file'))
    .option('--seed <n>', "which member of the family (draws the faults' numbers)", parseSeed, 7)
    .option('--kind-config', 'print the configuration of the kind cluster instead')
    .addHelpText(
      'after',
      examples(
        'npm run -s chaos zone_failure > chaos.yaml && kubectl apply -f chaos.yaml',
        'npm run -s chaos zone_failure -- --kind-config > kind.yaml',
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
      const episode = resolveEpisode(scenario, seed, spec);
      const compiled = compileToChaosMesh(episode, topology, { httpPorts: httpPorts(spec) });
      if (json) printJson(compiled);
      else process.stdout.write(renderChaosYaml(compiled));
    });
}
