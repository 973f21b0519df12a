import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { quoteWord, type runMultivariate } from '../lab/index.ts';
import { makeFolder } from './make-folder.ts';
import { readText } from './options.ts';
import { cannotWrite } from './run-folder.ts';
import { writeWholeFile } from './write-whole-file.ts';

type ModelStore = NonNullable<NonNullable<Parameters<typeof runMultivariate>[1]>['models']>;

/** A folder of `<entity>.model.json`, made when the first is written. */
export function modelFolder(folder: string, data: string): ModelStore {
  const fileOf = (entity: string): string => join(folder, `${entity}.model.json`);
  return {
    command: `npm run benchmark multivariate -- --data ${quoteWord(data)} --models ${quoteWord(folder)}`,
    read: (entity) => {
      const file = fileOf(entity);
      return existsSync(file) ? { file, text: readText(file, 'model') } : undefined;
    },
    write: (entity, text) => {
      try {
        makeFolder(folder);
      } catch (error) {
        throw cannotWrite(folder, error, 'check the path and its permissions');
      }
      writeWholeFile(fileOf(entity), text);
    },
    onStale: (file) => {
      process.stderr.write(`${file} is of other training data or another version: fitted again\n`);
    },
  };
}
