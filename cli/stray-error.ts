import { FiredrillError } from '../core/tools/index.ts';
import { DetectorFileError, isDetectorFile } from '../lab/index.ts';
import { reportError } from './report-error.ts';

/**
 * What to say about an error that nobody waited for, in a timer or a promise: where a detector file
 * is in use it is that file's, since the package leaves nothing running; else it is our bug.
 */
export function reportStrayError(
  error: unknown,
  args: readonly string[],
): ReturnType<typeof reportError> {
  const file = detectorFileOf(args);
  if (file === null || error instanceof FiredrillError) return reportError(error);
  return reportError(new DetectorFileError(file, 'what it left running', error));
}

function detectorFileOf(args: readonly string[]): string | null {
  const flag = '--detector';
  const values = args.flatMap((arg, i) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
    return arg === flag ? (args[i + 1] ?? []) : [];
  });
  return values.find(isDetectorFile) ?? null;
}
