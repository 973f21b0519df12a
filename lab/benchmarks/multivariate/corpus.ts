import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../core/tools/index.ts';
import { type NumberTable, parseNumbers } from './parse-numbers.ts';

/** Where the three files of one entity, a machine or a service say, are. */
export interface EntityFiles {
  readonly name: string;
  readonly train: string;
  readonly test: string;
  readonly labels: string;
}

export interface Entity {
  readonly name: string;
  /** One column per metric. */
  readonly columns: number;
  /** Rows taken as healthy. */
  readonly train: Float64Array;
  readonly test: Float64Array;
  /** 0 or 1 for each row of the test. */
  readonly labels: Uint8Array;
}

const trainSuffix = '_train.csv';
const hint =
  'point --data at a folder with <entity>_train.csv, <entity>_test.csv and ' +
  '<entity>_test_label.csv for each entity';

/** All entities of a folder, in name order; their rows are not read yet. */
export function findEntities(dir: string): readonly EntityFiles[] {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new InputError(`multivariate: expected a folder ${dir}, found none`, { hint });
  }
  const files = readdirSync(dir).sort();
  const names = files
    .filter((file) => file.endsWith(trainSuffix))
    .map((file) => file.slice(0, -trainSuffix.length));
  if (names.length === 0) {
    const found = files.slice(0, 10).join(', ') || 'nothing';
    throw new InputError(`multivariate: expected files *${trainSuffix} in ${dir}, found ${found}`, {
      hint,
    });
  }
  return names.map((name) => {
    const fileOf = (suffix: string): string => {
      const file = join(dir, name + suffix);
      if (existsSync(file)) return file;
      throw new InputError(`multivariate: ${name} has no file ${name + suffix} in ${dir}`, {
        hint,
      });
    };
    return {
      name,
      train: fileOf(trainSuffix),
      test: fileOf('_test.csv'),
      labels: fileOf('_test_label.csv'),
    };
  });
}

/** Reads the rows and labels of an entity. */
export function loadEntity(files: EntityFiles): Entity {
  const read = (file: string): NumberTable => parseNumbers(readFileSync(file, 'utf8'), file);
  const train = read(files.train);
  const test = read(files.test);
  const labels = read(files.labels);
  const first = (file: string) => ({ position: { file, line: 1, column: 1 }, hint });
  if (train.rows < 2) {
    throw new InputError('expected two rows or more to learn from, got one', first(files.train));
  }
  if (test.columns !== train.columns) {
    throw new InputError(
      `expected ${train.columns} columns as in ${files.train}, got ${test.columns}`,
      first(files.test),
    );
  }
  if (labels.columns !== 1) {
    throw new InputError(`expected one label per line, got ${labels.columns}`, first(files.labels));
  }
  if (labels.rows !== test.rows) {
    throw new InputError(
      `expected ${test.rows} labels, one per row of ${files.test}, got ${labels.rows}`,
      { position: { file: files.labels, line: Math.min(labels.rows, test.rows), column: 1 }, hint },
    );
  }
  const wrong = labels.values.findIndex((label) => label !== 0 && label !== 1);
  if (wrong >= 0) {
    throw new InputError(`expected a label 0 or 1, got ${labels.values[wrong]}`, {
      position: { file: files.labels, line: wrong + 1, column: 1 },
      hint,
    });
  }
  return {
    name: files.name,
    columns: train.columns,
    train: train.values,
    test: test.values,
    labels: Uint8Array.from(labels.values),
  };
}
