import { blameDetectorFile } from '../lab/index.ts';
import { reportError } from './report-error.ts';

/**
 * What to say about an error that nobody waited for: a detector file's if one is in use, or our
 * bug.
 */
export function reportStrayError(
  error: unknown,
  args: readonly string[],
): ReturnType<typeof reportError> {
  return reportError(blameDetectorFile(error, detectorsOf(args)));
}

function detectorsOf(args: readonly string[]): readonly string[] {
  const flag = '--detector';
  return args
    .flatMap((arg, i) => {
      if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
      return arg === flag ? (args[i + 1] ?? []) : [];
    })
    .flatMap((value) => value.split(','));
}
