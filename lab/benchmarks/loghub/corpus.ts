import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../core/tools/index.ts';
import { parseCsv } from './parse-csv.ts';

/** Labelled lines, in the order of the file. */
export interface LabelledLines {
  /** The message, without time, level and the like. */
  readonly contents: readonly string[];
  readonly eventIds: readonly string[];
  readonly templates: readonly string[];
}

/** One system of Loghub. */
export interface LogSystem {
  readonly name: string;
  readonly original: LabelledLines;
  /** The labels corrected by Khan et al. (ICSE 2022); null when the folder has none. */
  readonly corrected: LabelledLines | null;
}

const structured = '.log_structured.csv';
const corrected = '.log_structured_corrected.csv';
const hint =
  'point --data at a folder with one folder per system, each with ' +
  '<system>_2k.log_structured.csv, as in github.com/logpai/loghub';

/** All systems under a folder, or the one system that the folder is, in name order. */
export function loadLoghub(dir: string): readonly LogSystem[] {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new InputError(`Loghub: expected a folder ${dir}, found none`, { hint });
  }
  const folders = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(dir, entry.name))
    .sort();
  const systems = [dir, ...folders].flatMap(loadSystems);
  if (systems.length > 0) return systems;
  const found = readdirSync(dir).sort().join(', ') || 'nothing';
  throw new InputError(
    `Loghub: expected files *${structured} in folders of ${dir}, found ${found}`,
    {
      hint,
    },
  );
}

function loadSystems(folder: string): LogSystem[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(structured))
    .sort();
  return files.map((file) => {
    const stem = file.slice(0, -structured.length);
    const correctedFile = join(folder, stem + corrected);
    return {
      name: stem.replace(/_\d+k?$/, ''),
      original: loadLines(join(folder, file)),
      corrected: existsSync(correctedFile) ? loadLines(correctedFile) : null,
    };
  });
}

function loadLines(file: string): LabelledLines {
  const [head = [], ...records] = parseCsv(readFileSync(file, 'utf8'), file);
  const column = (name: string): number => {
    const at = head.indexOf(name);
    if (at >= 0) return at;
    throw new InputError(`expected a column ${name}, found ${head.join(', ') || 'none'}`, {
      position: { file, line: 1, column: 1 },
      hint,
    });
  };
  const [content, eventId, template] = ['Content', 'EventId', 'EventTemplate'].map(column) as [
    number,
    number,
    number,
  ];
  if (records.length === 0) {
    throw new InputError('expected lines below the header, found none', {
      position: { file, line: 2, column: 1 },
      hint,
    });
  }
  records.forEach((record, i) => {
    if (record.length === head.length) return;
    throw new InputError(`record ${i + 1}: expected ${head.length} fields, got ${record.length}`, {
      position: { file, line: i + 2, column: 1 },
      hint,
    });
  });
  return {
    contents: records.map((record) => record[content] as string),
    eventIds: records.map((record) => record[eventId] as string),
    templates: records.map((record) => record[template] as string),
  };
}
