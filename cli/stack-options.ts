import { readdirSync, readFileSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { digestOf, InputError, sha256, UsageError } from '../core/tools/index.ts';
import { detectorNames } from '../detectors/index.ts';
import { type HealerName, healerNames, shippedPolicyUrl } from '../healers/index.ts';
import { detectorName, hashDetectorFile, isDetectorFile, type TrialRequest } from '../lab/index.ts';
import { localizerNames } from '../rca/index.ts';
import { cannotRead, readText } from './options.ts';

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
  readonly expectInput?: readonly string[];
}

export function addStackOptions(command: Command): Command {
  return command
    .optionsGroup('The stack that heals, and the world it meets:')
    .addOption(detectorOption().default('default'))
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
    .option('--policy <file.yaml>', 'policy file in ConfigMap form (default: the shipped one)')
    .option('--manifests <dir>', "boot from these Kubernetes manifests, not the topology's own")
    .option('--workload <file.csv>', 'drive it with a recorded request rate (period,count)')
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
    );
}

/** A detector by name, or a module of the user's own by path. */
export function detectorOption(): Option {
  return new Option('--detector <name|file>', 'anomaly detector, by name or a module of your own')
    .choices(detectorNames)
    .argParser((text) => {
      if (isDetectorFile(text) || detectorNames.includes(text)) return text;
      throw new InvalidArgumentError(
        `Allowed choices are ${detectorNames.join(', ')}, or the path of a file such as ./mine.ts.`,
      );
    });
}

/** What a folder name says about a stack: the healer, and whatever is not the default. */
export function stackName(flags: StackFlags): string {
  const { detector, localizer, healer, policy, manifests, workload, workloadScale } = flags;
  const parts = [healer as string];
  if (detector !== 'default') parts.push(fileWord(detectorName(detector)));
  if (localizer !== 'combined') parts.push(localizer);
  for (const path of [policy, manifests, workload]) {
    if (path) parts.push(fileWord(parse(resolve(path)).name));
  }
  if (workload && workloadScale !== 'mean') parts.push(workloadScale);
  return parts.join('-');
}

function fileWord(text: string): string {
  return text.replaceAll(/[^\w.]+/g, '_');
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  if (!/^.+=[0-9a-f]{64}$/.test(value)) {
    throw new InvalidArgumentError('expected role=sha256, as a replay line has it.');
  }
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
  for (const expectation of flags.expectInput ?? []) checkInput(expectation, inputHashes);
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

function checkInput(expectation: string, hashes: Readonly<Record<string, string>>): void {
  const at = expectation.lastIndexOf('=');
  const [role, expected] = [expectation.slice(0, at), expectation.slice(at + 1)];
  const actual = hashes[role];
  if (actual === undefined) {
    const roles = Object.keys(hashes).join(', ') || 'no external file';
    throw new UsageError(
      `--expect-input is about a ${role}, but this run has ${roles}`,
      'take over the whole replay line, with the flag that names the file',
    );
  }
  if (actual !== expected) {
    throw new InputError(
      `the ${role} is not that of the recorded run: expected SHA-256 ${expected}, got ${actual}`,
      { hint: 'restore it, or drop --expect-input and --expect-digest to run with this one' },
    );
  }
}

export function defaultPolicyText(): string {
  return readFileSync(shippedPolicyUrl('default'), 'utf8');
}

function hashInputs({ detector, policy, manifests, workload }: StackFlags): Record<string, string> {
  const hashes: Record<string, string> = {};
  if (isDetectorFile(detector)) hashes['detector file'] = hashDetectorFile(detector);
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
  } catch (error) {
    throw cannotRead('manifests directory', folder, error);
  }
  return digestOf(names.map((name) => [name, sha256(readText(join(folder, name), 'manifest'))]));
}
