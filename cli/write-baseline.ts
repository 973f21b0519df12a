import { existsSync } from 'node:fs';
import { digestOf } from '../core/tools/index.ts';
import type { RegressionBaseline } from '../core/truth/index.ts';
import { demandSomeBegan, packageVersion, stackFlags, type TrialRequest } from '../lab/index.ts';
import { baselineText, readBaseline } from './baseline-file.ts';
import { codeDigest } from './code-digest.ts';
import { printJson } from './options.ts';
import { OutcomeBatch } from './outcome-batch.ts';
import { seedRange } from './seeds.ts';
import { type StackFlags, stackOf } from './stack-options.ts';
import { type SuiteFlags, suiteName, suiteScenarios } from './suites.ts';
import { trialKey } from './trial-name.ts';
import { prepareFile, writeWholeFile } from './write-whole-file.ts';

export interface BaselineFlags extends StackFlags, SuiteFlags {
  readonly seeds: number;
  readonly seedList?: readonly number[];
  readonly firstSeed: number;
  readonly jobs: number;
  readonly out: string;
  readonly json?: boolean;
}

/**
 * Plays the suite and stores its outcomes; trials of the same code and stack are not played again.
 */
export async function writeBaseline(file: string, flags: BaselineFlags): Promise<void> {
  prepareFile(file);
  const stack = stackOf(flags);
  const scenarios = suiteScenarios(flags);
  const seeds = flags.seedList ?? seedRange(flags);
  const head = {
    packageVersion,
    code: codeDigest(),
    node: process.version,
    architecture: process.arch,
    stack: plainFlags(stack),
  };
  const former = existsSync(file) ? readBaseline(file) : null;
  const isSame = former !== null && digestOf(headOf(former)) === digestOf(head);
  const kept = new Map((isSame ? former.trials : []).map((trial) => [trialKey(trial), trial]));
  const wanted = scenarios.flatMap((scenario) => seeds.map((seed) => ({ scenario, seed })));
  const missing = wanted.filter((one) => !kept.has(trialKey(one)));
  const batch = new OutcomeBatch(flags, digestOf([scenarios, stack]));
  const { outcomes: played, voids } = await batch.play(
    missing.map((one): TrialRequest => ({ ...one, ...stack })),
  );
  for (const outcome of played) kept.set(trialKey(outcome), outcome);
  const trials = wanted.flatMap((one) => kept.get(trialKey(one)) ?? []);
  if (trials.length === 0) demandSomeBegan(wanted, voids);
  const baseline: RegressionBaseline = {
    schemaVersion: 1,
    ...head,
    suite: suiteName(flags),
    scenarios,
    seeds,
    trials,
  };
  writeWholeFile(file, baselineText(baseline));
  batch.done();
  const summary = { file, trials: trials.length, played: played.length };
  if (flags.json) printJson(summary);
  else {
    process.stdout.write(
      `written: ${file}, ${trials.length} trials (${played.length} of them played now)\n`,
    );
  }
}

function headOf({
  packageVersion,
  code,
  node,
  architecture,
  stack,
}: RegressionBaseline): Pick<
  RegressionBaseline,
  'packageVersion' | 'code' | 'node' | 'architecture' | 'stack'
> {
  return { packageVersion, code, node, architecture, stack };
}

/** The flags of a stack without the hashes of its files, whose contents may be what is tested. */
export function plainFlags(stack: Omit<TrialRequest, 'scenario' | 'seed'>): string[] {
  return stackFlags({ ...stack, inputHashes: {} });
}
