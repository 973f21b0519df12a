import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeWholeFile } from '../../cli/write-whole-file.ts';
import { UsageError } from '../../core/tools/index.ts';
import { temporaryFolder } from './firedrill.ts';

it('writes a page whole, whatever lies beside it', () => {
  const folder = temporaryFolder();
  const page = join(folder, 'page.md');
  writeFileSync(`${page}.part`, 'of somebody else');
  writeWholeFile(page, 'one\n');
  writeWholeFile(page, 'two\n');
  expect(readFileSync(page, 'utf8')).toBe('two\n');
  expect(readdirSync(folder).sort()).toEqual(['page.md', 'page.md.part']);
});

it('leaves nothing behind when it fails, and says why', () => {
  const folder = temporaryFolder();
  const taken = join(folder, 'taken');
  mkdirSync(taken);
  expect(() => writeWholeFile(taken, 'text')).toThrow(UsageError);
  expect(() => writeWholeFile(taken, 'text')).toThrow(/taken: there is a folder of that name$/);
  expect(() => writeWholeFile(join(folder, 'none', 'page.md'), 'text')).toThrow(UsageError);
  expect(() => writeWholeFile(join(folder, 'x'.repeat(300)), 'text')).toThrow(UsageError);
  expect(readdirSync(folder)).toEqual(['taken']);
  const long = join(folder, 'x'.repeat(250));
  writeWholeFile(long, 'text');
  expect(readFileSync(long, 'utf8')).toBe('text');
});
