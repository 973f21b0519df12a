import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { cannotRead } from './options.ts';

/** The lines of a file, plain or `.gz`, that is never in memory as a whole. */
export async function* linesOf(path: string, role: string): AsyncGenerator<string> {
  try {
    if (!statSync(path).isFile()) throw Object.assign(new Error('no file'), { code: 'EISDIR' });
    const file = createReadStream(path);
    const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
    const failed = new Promise<never>((_, reject) => {
      file.once('error', reject);
      input.once('error', reject);
    });
    failed.catch(() => undefined);
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    if (file.errored ?? input.errored) await failed;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code ? cannotRead(role, path, error) : error;
  }
}
