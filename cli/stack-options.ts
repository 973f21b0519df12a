import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { digestOf, InputError, sha256, UsageError } from '../core/tools/index.ts';
import { detectorNames } from '../detectors/index.ts';
import { type HealerName, healerNames, shippedPolicyUrl } from '../healers/index.ts';
import type { TrialRequest } from '../lab/index.ts';
import { localizerNames } from '../rca/index.ts';
import { readText } from './options.ts';

/** The flags that choose the operator's stack and the world it meets. */
export interface StackFlags {
  readonly detector: string;
  readonly localizer: string;
  readonly healer: HealerName;
  readonly policy?: string;
  readonly manifests?: string;
  readonly workload?: string;
  readonly workloadFrom?: string;
  readonly workloadScale: 'mean' | 'absolute';
  readonly oracle?: boolean;
  readonly expectInput: readonly string[];
}

export function addStackOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--detector <name>', 'anomaly detector').choices(detectorNames).default('default'),
    )
    .addOption(
      new Option('--localizer <name>', 'root-cause localizer')
        .choices(localizerNames)
        .default('combined'),
    )
    .addOption(
      new Option('--healer <name>', 'who decides what to do')
        .choices(healerNames)
        .default('policy'),
    )
    .option('--policy <file>', 'policy file in ConfigMap form (default: the shipped one)')
    .option(
      '--manifests <dir>',
      "boot from these Kubernetes manifests instead of the topology's own",
    )
    .option(
      '--workload <file>',
      'drive the twin with a recorded request rate (CSV: period,count per minute)',
    )
    .option(
      '--workload-from <period>',
      "where to start in the recording (default: its busiest window of the run's length)",
    )
    .addOption(
      new Option(
        '--workload-scale <how>',
        "scale the recording to the topology's mean rate, or take it as it is",
      )
        .choices(['mean', 'absolute'])
        .default('mean'),
    )
    .option('--oracle', 'also search the best plan by forking the twin, for normalised regret')
    .option(
      '--expect-input <role=sha256...>',
      'refuse to run when an external file has another hash',
      collect,
      [],
    );
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** Everything of a trial but its scenario and seed. */
export function stackOf(flags: StackFlags): Omit<TrialRequest, 'scenario' | 'seed'> {
  if (!flags.workload && flags.workloadFrom) {
    throw new UsageError(
      '--workload-from needs --workload',
      'add --workload FILE.csv, or drop --workload-from',
    );
  }
  const inputHashes = hashInputs(flags);
  for (const expectation of flags.expectInput) {
    const at = expectation.lastIndexOf('=');
    const role = expectation.slice(0, at);
    if (inputHashes[role] !== expectation.slice(at + 1)) {
      throw new InputError(
        `${role} is not the file of the recorded run: its SHA-256 is ${inputHashes[role] ?? 'unknown'}`,
        {
          hint: 'restore the file, or drop --expect-input to run with the present one',
        },
      );
    }
  }
  return {
    detector: flags.detector,
    localizer: flags.localizer,
    healer: flags.healer,
    policy: flags.policy
      ? { file: flags.policy, text: readText(flags.policy, 'policy file') }
      : { file: 'default', text: defaultPolicyText() },
    manifestsDir: flags.manifests ?? null,
    workload: flags.workload
      ? { file: flags.workload, from: flags.workloadFrom ?? null, scale: flags.workloadScale }
      : null,
    oracle: flags.oracle === true,
    inputHashes,
  };
}

export function defaultPolicyText(): string {
  return readFileSync(shippedPolicyUrl('default'), 'utf8');
}

function hashInputs({ policy, manifests, workload }: StackFlags): Record<string, string> {
  const hashes: Record<string, string> = {};
  if (policy) hashes['policy file'] = sha256(readText(policy, 'policy file'));
  if (workload) hashes['workload file'] = sha256(readText(workload, 'workload file'));
  if (manifests) hashes['manifests directory'] = hashDirectory(manifests);
  return hashes;
}

function hashDirectory(folder: string): string {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch {
    throw new InputError(`cannot read the manifests directory ${folder}`, {
      hint: 'give a folder of Kubernetes YAML files',
    });
  }
  return digestOf(names.map((name) => [name, sha256(readText(join(folder, name), 'manifest'))]));
}
