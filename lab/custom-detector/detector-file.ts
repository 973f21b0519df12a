import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import { digestOf, InputError, sha256 } from '../../core/tools/index.ts';
import { importsOf } from './imports-of.ts';

/** Whether `--detector` was given a module of the user's own, by path, and not a name. */
export function isDetectorFile(detector: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(detector);
}

/**
 * SHA-256 of a detector's module and of what it imports or requires from its own folder and below,
 * so that a result tells which code it is of. Packages and files elsewhere are not covered.
 */
export function hashDetectorFile(file: string): string {
  const main = realPath(resolve(file));
  const root = dirname(main);
  const texts = new Map<string, string>();
  const visit = (path: string, from: string): void => {
    const name = relative(root, path).split(sep).join('/');
    if (texts.has(name) || name.startsWith('../')) return;
    const text = readModule(path, from);
    texts.set(name, text);
    for (const { specifier, isRequired } of importsOf(text)) {
      const found = isRequired ? requiredFile(path, specifier) : resolve(dirname(path), specifier);
      if (found !== null) visit(realPath(found), path);
    }
  };
  visit(main, main);
  return digestOf([...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([a, b]) => [a, sha256(b)]));
}

/** Where links lead, as Node looks for what a module takes in; a path to nothing stays as it is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * The file that a module gets by `require`; null where there is none, which it may be ready for.
 */
function requiredFile(path: string, specifier: string): string | null {
  try {
    return createRequire(path).resolve(specifier);
  } catch {
    return null;
  }
}

function readModule(path: string, from: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is nothing of that name' : message;
    const importer = resolve(from) === path ? '' : ` (imported by ${from})`;
    throw new InputError(`cannot read the detector file ${path}${importer}: ${reason}`, {
      hint: 'give the path of a module that exports createDetector; see docs/add-a-detector.md',
      cause,
    });
  }
}
