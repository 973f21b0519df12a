import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where modules of a user's own are written. */
export const moduleFolder: string = mkdtempSync(join(tmpdir(), 'firedrill-detector-'));
let written = 0;

/**
 * Writes a module and returns its path; each gets a name of its own, as modules are loaded once.
 */
export function moduleFile(text: string): string {
  written += 1;
  const path = join(moduleFolder, `mine-${written}.ts`);
  writeFileSync(path, text);
  return path;
}
