import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FiredrillError, InputError, type SourcePosition } from '../../core/tools/index.ts';
import { isDetectorFile } from './detector-file.ts';

/** A module of the user's own threw; the place in the file is in front. */
export class DetectorFileError extends InputError {
  constructor(file: string, what: string, cause: unknown) {
    const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
    const position = positionIn(file, cause);
    const [firstLine] = message.trim().split('\n');
    super(`${position ? '' : `${file}: `}${what} threw ${name}: ${firstLine}`, {
      ...(position && { position }),
      hint: 'see docs/add-a-detector.md',
      cause,
    });
  }
}

const packageRoot = new URL('../../', import.meta.url);

/**
 * What to say of an error that nobody waited for, in a timer or a promise, while these detectors
 * were in use: it is the file's in whose lines it arose, or the first file's where its stack names
 * nothing of this package and it is none of a worker that ran out of something.
 */
export function blameDetectorFile(error: unknown, detectors: Iterable<string>): unknown {
  const files = [...detectors].filter(isDetectorFile);
  const found = files.find((one) => positionIn(one, error) !== null);
  const file = found ?? (isOurs(error) ? undefined : files[0]);
  if (file === undefined || error instanceof FiredrillError) return error;
  return new DetectorFileError(file, 'what it left running', error);
}

function isOurs(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  const stack = error.stack ?? '';
  return code?.startsWith('ERR_WORKER_') === true || stack.includes(fileURLToPath(packageRoot));
}

/** The first place of a stack that is in the file; a syntax error names its line on top. */
function positionIn(file: string, error: unknown): SourcePosition | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const path = resolve(file);
  for (const place of [pathToFileURL(path).href, path]) {
    const at = stack.indexOf(`${place}:`);
    if (at < 0) continue;
    const match = /^:(\d+)(?::(\d+))?/.exec(stack.slice(at + place.length));
    if (match) return { file, line: Number(match[1]), column: Number(match[2] ?? 1) };
  }
  return null;
}
