import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { digestOf, sha256 } from '../core/tools/index.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
/** What a trial's outcome depends on; the rest of the package only shows it. */
const folders = ['core', 'detectors', 'healers', 'lab', 'rca', 'scenarios', 'sim'];

/**
 * Hash of the code, the shipped scenarios and the locked dependencies: two results belong together
 * only when it is the same.
 */
export function codeDigest(): string {
  const files = folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`),
  );
  files.push(`${root}package.json`, `${root}package-lock.json`);
  return digestOf(
    files.sort().map((file) => [file.slice(root.length), sha256(readFileSync(file, 'utf8'))]),
  );
}
