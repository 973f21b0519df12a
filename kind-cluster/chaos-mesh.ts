import type { Topology } from '../core/observable/index.ts';
import { renderYaml } from '../core/tools/index.ts';
import type { Episode } from '../core/truth/index.ts';
import { compileFault } from './compile-fault.ts';
import { defaultClusterName } from './kind-config.ts';
import type { ChaosManifest, NotExpressible } from './manifests.ts';

/** A scenario's episode in the words of Chaos Mesh, and what those words cannot say. */
interface ChaosExperiment {
  readonly scenario: string;
  readonly seed: number;
  readonly manifests: readonly ChaosManifest[];
  readonly notExpressible: readonly NotExpressible[];
}

interface ChaosOptions {
  /** Name of the kind cluster; default `firedrill`. */
  readonly clusterName?: string;
  /** Ports of services that speak plain HTTP/1.1; others count as gRPC. */
  readonly httpPorts?: Readonly<Record<string, number>>;
}

/**
 * Compiles an episode's faults, benign happenings included, to Chaos Mesh v1alpha1 objects. Objects
 * take effect when applied; when that should be stands in the annotation `firedrill/start-after`.
 */
export function compileToChaosMesh(
  episode: Episode,
  topology: Topology,
  options: ChaosOptions = {},
): ChaosExperiment {
  const compiled = [...episode.faults, ...episode.ambient].map((fault, i) =>
    compileFault(fault, {
      topology,
      clusterName: options.clusterName ?? defaultClusterName,
      namePrefix: `${episode.scenario.id.replaceAll('_', '-')}-${i + 1}`,
      httpPorts: options.httpPorts ?? {},
    }),
  );
  return {
    scenario: episode.scenario.id,
    seed: episode.seed,
    manifests: compiled.flatMap(({ manifests }) => manifests),
    notExpressible: compiled.flatMap(({ notExpressible }) => notExpressible),
  };
}

/**
 * The experiment as one YAML stream for `kubectl apply -f -`; what it cannot express stands in the
 * comments on top.
 */
export function renderChaosYaml(experiment: ChaosExperiment): string {
  const { scenario, seed, manifests, notExpressible } = experiment;
  const lines = [`# ${scenario}, seed ${seed}: Chaos Mesh objects: ${manifests.length}`];
  for (const { metadata } of manifests) {
    const after = metadata.annotations['firedrill/start-after'];
    lines.push(`#   apply ${metadata.name} ${after} after the start of the run`);
  }
  for (const { fault, why, instead } of notExpressible) {
    lines.push(`# Beyond Chaos Mesh: ${fault}`, `#   why: ${why}`, `#   instead: ${instead}`);
  }
  const header = lines.map((line) => line.replaceAll('\n', ' ')).join('\n');
  return `${header}\n${manifests.map((manifest) => `---\n${renderYaml(manifest)}`).join('')}`;
}
