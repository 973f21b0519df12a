import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { digestOf, InputError, sha256 } from '../../core/tools/index.ts';
import { importsOf } from './imports-of.ts';

/** Whether `--detector` was given a module of the user's own, by path, and not a name. */
export function isDetectorFile(detector: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(detector);
}

/**
 * SHA-256 of a detector's module and of what it imports from its own folder and below, so that a
 * result tells which code it is of. Packages and files elsewhere are not covered.
 */
export function hashDetectorFile(file: string): string {
  const root = dirname(resolve(file));
  const texts = new Map<string, string>();
  const visit = (path: string, from: string): void => {
    const name = relative(root, path).split(sep).join('/');
    if (texts.has(name) || name.startsWith('..')) return;
    const text = readModule(path, from);
    texts.set(name, text);
    for (const specifier of importsOf(text)) visit(resolve(dirname(path), specifier), path);
  };
  visit(resolve(file), file);
  return digestOf([...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([a, b]) => [a, sha256(b)]));
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
