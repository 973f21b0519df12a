import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { digestOf } from '../core/tools/index.ts';
import type { PlayedTrial, TrialRequest } from '../lab/index.ts';
import { codeDigest } from './code-digest.ts';
import { cannotWrite } from './run-folder.ts';

interface Line {
  readonly key: string;
  readonly result: PlayedTrial;
}

/**
 * Finished trials of a batch that has not come to its end, one JSON line each, so that killing it
 * loses none of them. A trial is found again only by the same request to the same code.
 */
export class TrialJournal {
  readonly file: string;
  readonly #results = new Map<string, PlayedTrial>();
  readonly #code = codeDigest();
  #needsNewline = false;

  constructor(file: string) {
    this.file = file;
    const text = readIfThere(file);
    // A process that was killed while it wrote leaves half a line, which is no result.
    for (const line of text.split('\n')) {
      const entry = parseLine(line);
      if (entry) this.#results.set(entry.key, entry.result);
    }
    this.#needsNewline = text !== '' && !text.endsWith('\n');
  }

  find(request: TrialRequest): PlayedTrial | undefined {
    return this.#results.get(this.#keyOf(request));
  }

  append(request: TrialRequest, result: PlayedTrial): void {
    const line: Line = { key: this.#keyOf(request), result };
    this.#results.set(line.key, result);
    try {
      appendFileSync(this.file, `${this.#needsNewline ? '\n' : ''}${JSON.stringify(line)}\n`);
    } catch (error) {
      throw cannotWrite(this.file, error);
    }
    this.#needsNewline = false;
  }

  remove(): void {
    rmSync(this.file, { force: true });
  }

  #keyOf(request: TrialRequest): string {
    const { version, arch } = process;
    return digestOf({ request, code: this.#code, node: version, architecture: arch });
  }
}

function parseLine(line: string): Line | null {
  try {
    const entry = JSON.parse(line) as Partial<Line> | null;
    return typeof entry?.key === 'string' && entry.result ? (entry as Line) : null;
  } catch {
    return null;
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
