import {
  accessSync,
  constants,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { UsageError } from '../core/tools/index.ts';
import { makeFolder } from './make-folder.ts';

/**
 * The files of a folder by their path in it: text as it is, lines that are compressed when the name
 * ends in `.gz` or `.zst`.
 */
export type FolderFiles = Readonly<Record<string, string | Iterable<string>>>;

const host = hostname().replaceAll(/[^A-Za-z0-9]/g, '');
/**
 * Names of unfinished folders: `.NAME.HOST-PID.part` is being written, `.old` makes room for it.
 */
const unfinished = /^\.(?<name>.+)\.(?<host>[A-Za-z0-9]*)-(?<pid>\d+)\.(?<stage>part|old)$/;
const replaceAttempts = 10;

/**
 * Writes a whole folder or nothing: files go to a temporary name beside it, which then takes the
 * folder's place. Whatever killed processes left behind there is cleaned up first.
 */
export async function writeFolder(
  folder: string,
  files: FolderFiles,
  signal?: AbortSignal,
): Promise<void> {
  const parent = dirname(folder);
  const temporary = join(parent, `.${basename(folder)}.${host}-${process.pid}.part`);
  prepareOut(parent);
  await explained(parent, async () => {
    cleanUp(parent);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    try {
      await writeFiles(temporary, files, signal);
      signal?.throwIfAborted();
      replaceFolder(folder, temporary);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  });
}

/** Makes the folder that results go to; a {@link UsageError} when nothing can be written there. */
export function prepareOut(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

async function explained(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isSystem = error instanceof Error && 'syscall' in error;
    throw isSystem ? cannotWrite(folder, error) : error;
  }
}

/** The error for a failed write: what stood in the way, and what to do. */
export function cannotWrite(
  path: string,
  error: unknown,
  hint = 'choose another folder with --out DIR',
): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space is left there',
    EEXIST: 'there is a file of that name',
    EISDIR: 'there is a folder of that name',
    ENOTDIR: 'a part of the path is a file',
  };
  return new UsageError(`cannot write results to ${path}: ${reasons[code ?? ''] ?? message}`, hint);
}

/** All files at once: compressing one keeps the second core busy while the next is made. */
async function writeFiles(
  folder: string,
  files: FolderFiles,
  outer: AbortSignal | undefined,
): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(outer ? [outer] : [])]);
  const writes = Object.entries(files).map(async ([name, content]) => {
    try {
      await writeOne(join(folder, name), content, signal);
    } catch (error) {
      failure.abort(error);
    }
  });
  await Promise.all(writes);
  failure.signal.throwIfAborted();
}

async function writeOne(
  path: string,
  content: string | Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  makeFolder(dirname(path));
  if (typeof content === 'string') {
    writeFileSync(path, content);
    return;
  }
  const text = Readable.from(inChunks(content));
  const file = createWriteStream(path);
  if (path.endsWith('.gz')) await pipeline(text, createGzip({ level: 1 }), file, { signal });
  else if (path.endsWith('.zst')) await pipeline(text, createZstdCompress(), file, { signal });
  else await pipeline(text, file, { signal });
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

/** Puts `temporary` in the folder's place; another process may do the same at this moment. */
function replaceFolder(folder: string, temporary: string): void {
  const former = temporary.replace(/\.part$/, '.old');
  for (let attempt = 1; ; attempt += 1) {
    rmSync(former, { recursive: true, force: true });
    try {
      if (existsSync(folder)) renameSync(folder, former);
      renameSync(temporary, folder);
      break;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isTaken = code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT';
      if (!isTaken || attempt === replaceAttempts) throw error;
    }
  }
  rmSync(former, { recursive: true, force: true });
}

/**
 * Removes what dead processes of this host left; a folder that was about to be replaced comes back.
 */
function cleanUp(parent: string): void {
  for (const entry of readdirSync(parent).sort()) {
    const groups = unfinished.exec(entry)?.groups;
    if (groups?.host !== host || isAlive(Number(groups.pid))) continue;
    const home = join(parent, groups.name as string);
    if (groups.stage === 'old' && !existsSync(home)) renameSync(join(parent, entry), home);
    else rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
