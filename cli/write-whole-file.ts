import { randomUUID } from 'node:crypto';
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { cannotWrite } from './run-folder.ts';

const hint = 'check the path and its permissions';

/**
 * Writes a file or leaves it as it was: the content goes to a name of its own in the same folder,
 * which then takes the file's place, and is removed when that fails.
 */
export function writeWholeFile(path: string, text: string | Uint8Array): void {
  // A long name is cut here: with an addition it could be longer than the file system takes.
  const temporary = join(dirname(path), `.${basename(path).slice(0, 40)}.${randomUUID()}.part`);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, error, hint);
  }
}

/** Makes the folder of a file that long work will write: a wrong path must not cost that work. */
export function prepareFile(path: string): void {
  const folder = dirname(path);
  let isFolder = false;
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    throw cannotWrite(path, error, hint);
  }
  if (isFolder) throw cannotWrite(path, { code: 'EISDIR' }, hint);
}
