import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { InputError } from '../core/tools/index.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

/** The file's text; an {@link InputError} that names the file when it cannot be read. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? 'unknown reason';
    const reason = reasons[code] ?? code;
    throw new InputError(`cannot read ${displayPath(path)}: ${reason}`, {
      hint: 'check the path and its permissions',
      cause,
    });
  }
}

/** A path as people at the command line would type it: relative where the file lies below. */
export function displayPath(path: string): string {
  const shown = relative('', resolve(path));
  return shown === '' || shown.startsWith('..') ? path : shown;
}
