import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../core/tools/index.ts';

/**
 * One series of the corpus. Instants are ms since 1970 as the file writes them, without a time
 * zone.
 */
export interface NabSeries {
  /** `<category>/<name>.csv`. */
  readonly name: string;
  readonly category: string;
  readonly atMs: Float64Array;
  readonly values: Float64Array;
  /** First and last row of each anomaly window. */
  readonly windows: readonly { readonly first: number; readonly last: number }[];
  /** The first rows, which are not scored. */
  readonly probationRows: number;
}

const hint =
  'point --data at a checkout of github.com/numenta/NAB: it needs data/, labels/ and config/';

/**
 * Reads a text file of the corpus; an {@link InputError} says which one is missing and where to get
 * it.
 */
function readCorpusFile(dir: string, path: string): string {
  const file = join(dir, path);
  if (!existsSync(file))
    throw new InputError(`NAB corpus: expected the file ${file}, found none`, { hint });
  return readFileSync(file, 'utf8');
}

/** Parses a JSON file of the corpus. */
export function readCorpusJson<T>(dir: string, path: string): T {
  const text = readCorpusFile(dir, path);
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new InputError(`NAB corpus: ${join(dir, path)} is not valid JSON`, { hint, cause });
  }
}

/** All series named in `labels/combined_windows.json`, in name order. */
export function loadNabCorpus(dir: string): readonly NabSeries[] {
  for (const folder of ['data', 'labels', 'config']) {
    if (existsSync(join(dir, folder))) continue;
    const found = existsSync(dir)
      ? readdirSync(dir).sort().join(', ') || 'nothing'
      : 'no such folder';
    throw new InputError(`NAB corpus: expected a folder ${folder}/ in ${dir}, found ${found}`, {
      hint,
    });
  }
  const windows = readCorpusJson<Record<string, [string, string][]>>(
    dir,
    'labels/combined_windows.json',
  );
  return Object.keys(windows)
    .sort()
    .map((name) => loadSeries(dir, name, windows[name] as [string, string][]));
}

function loadSeries(dir: string, name: string, windows: readonly [string, string][]): NabSeries {
  const path = `data/${name}`;
  const lines = readCorpusFile(dir, path).trimEnd().split(/\r?\n/);
  const file = join(dir, path);
  if (lines[0] !== 'timestamp,value') {
    throw new InputError(`expected the header timestamp,value, got ${JSON.stringify(lines[0])}`, {
      position: { file, line: 1, column: 1 },
      hint,
    });
  }
  const atMs = new Float64Array(lines.length - 1);
  const values = new Float64Array(lines.length - 1);
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i] as string;
    const comma = line.indexOf(',');
    atMs[i - 1] = instantMs(line.slice(0, comma));
    values[i - 1] = Number(line.slice(comma + 1));
    if (comma > 0 && Number.isFinite(values[i - 1]) && Number.isFinite(atMs[i - 1])) continue;
    throw new InputError(`expected an instant, a comma and a number, got ${JSON.stringify(line)}`, {
      position: { file, line: i + 1, column: 1 },
      hint,
    });
  }
  return {
    name,
    category: name.slice(0, name.indexOf('/')),
    atMs,
    values,
    windows: windows.map(([first, last]) => ({
      first: rowAt(atMs, first, file),
      last: rowAt(atMs, last, file),
    })),
    probationRows: Math.min(Math.floor(0.15 * atMs.length), 750),
  };
}

/** The first row with this timestamp. */
function rowAt(atMs: Float64Array, text: string, file: string): number {
  const row = atMs.indexOf(instantMs(text));
  if (row < 0) {
    throw new InputError(`NAB corpus: window bound ${text} is not a timestamp of ${file}`, {
      hint,
    });
  }
  return row;
}

function instantMs(text: string): number {
  return Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);
}
