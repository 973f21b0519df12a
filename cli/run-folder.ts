import { createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** The files of a folder: text as it is, lines that are compressed when the name ends in `.gz`. */
export type FolderFiles = Readonly<Record<string, string | Iterable<string>>>;

/**
 * Writes a whole folder or nothing: files go to a temporary name beside it, which then takes the
 * folder's place in one rename.
 */
export async function writeFolder(folder: string, files: FolderFiles): Promise<void> {
  const parent = dirname(folder);
  const temporary = join(parent, `.${basename(folder)}.${process.pid}.part`);
  const former = join(parent, `.${basename(folder)}.${process.pid}.old`);
  mkdirSync(parent, { recursive: true });
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  try {
    for (const [name, content] of Object.entries(files))
      await writeOne(join(temporary, name), content);
    rmSync(former, { recursive: true, force: true });
    renameIfThere(folder, former);
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    rmSync(former, { recursive: true, force: true });
  }
}

async function writeOne(path: string, content: string | Iterable<string>): Promise<void> {
  if (typeof content === 'string') {
    writeFileSync(path, content);
    return;
  }
  const text = Readable.from(inChunks(content));
  const file = createWriteStream(path);
  if (path.endsWith('.gz')) await pipeline(text, createGzip({ level: 1 }), file);
  else await pipeline(text, file);
}

/** Joins lines into blocks: a stream step per line would take longer than the writing. */
function* inChunks(lines: Iterable<string>): Generator<string> {
  let block: string[] = [];
  for (const line of lines) {
    block.push(line.endsWith('\n') ? line : `${line}\n`);
    if (block.length === 2000) {
      yield block.join('');
      block = [];
    }
  }
  yield block.join('');
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
