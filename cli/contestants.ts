import type { Command } from 'commander';
import { UsageError } from '../core/tools/index.ts';
import { detectorName, type TrialRequest } from '../lab/index.ts';
import { type StackFlags, stackOf } from './stack-options.ts';

/** One detector of several that are evaluated on the same scenarios and seeds. */
export interface ContestantStack {
  readonly name: string;
  readonly stack: Omit<TrialRequest, 'scenario' | 'seed'>;
}

/** Lets `--detector` take several, `A,B`. */
export function allowSeveralDetectors(command: Command): Command {
  const option = command.options.find((one) => one.attributeName() === 'detector');
  const parseOne = option?.parseArg;
  if (option && parseOne) {
    option.flags = option.flags.replace('>', ',...>');
    option.argParser((text: string) => {
      for (const part of text.split(',')) parseOne(part, undefined as never);
      return text;
    });
  }
  return command;
}

/** The stacks of `--detector A,B`, in that order. */
export function contestantStacks(flags: StackFlags): readonly ContestantStack[] {
  const detectors = [...new Set(flags.detector.split(','))];
  const stacks = detectors.map((detector) => ({
    name: detectorName(detector),
    stack: stackOf({ ...flags, detector }),
  }));
  const names = stacks.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UsageError(
      `two detectors have the name ${twice}`,
      'rename the file of one of them, so that the table can tell them apart',
    );
  }
  return stacks;
}
