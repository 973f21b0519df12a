import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cannotWrite } from './run-folder.ts';

/**
 * Writes a file or leaves it as it was: the content goes to a name of its own in the same folder, which
 * then takes the file's place, and is removed when that fails.
 */
export function writeWholeFile(path: string, text: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, error, 'check the path and its permissions');
  }
}
