import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashDetectorFile } from '../../lab/index.ts';
import { moduleFolder as folder, moduleFile } from './module-file.ts';

describe('the digest of a detector file', () => {
  it('changes with what it imports from its folder', () => {
    const helper = moduleFile('export const share = 0.5;');
    const main = moduleFile(`import { share } from '${helper.replace(folder, '.')}';`);
    const before = hashDetectorFile(main);
    expect(hashDetectorFile(main)).toBe(before);
    writeFileSync(helper, 'export const share = 0.4;');
    expect(hashDetectorFile(main)).not.toBe(before);
  });

  it.each([
    "export const a = await import('./HELPER');",
    "const load = () => import(\n  './HELPER',\n);",
    "import './HELPER';",
    "import a, { b as c } from './HELPER';",
    "import * as all from './HELPER';",
    "export * from './HELPER';",
    "const quote = /[\"'`/*]/; // it's\nimport { share } from './HELPER';",
    "const path = 'a/*'; import { share } from './HELPER'; const other = '*/';",
  ])('covers %j', (text) => {
    const helper = moduleFile('export const share = 0.5;');
    const main = moduleFile(text.replace('./HELPER', helper.replace(folder, '.')));
    const before = hashDetectorFile(main);
    writeFileSync(helper, 'export const share = 0.4;');
    expect(hashDetectorFile(main)).not.toBe(before);
  });

  it('is that of the file behind a link, whose neighbours it takes in', () => {
    const own = mkdtempSync(join(folder, 'linked-'));
    const [file, link] = [join(own, 'in', 'mine.cjs'), join(own, 'mine.cjs')];
    mkdirSync(dirname(file));
    writeFileSync(join(own, 'in', 'share.cjs'), '0.5');
    writeFileSync(file, "require('./share.cjs');");
    symlinkSync(file, link);
    const before = hashDetectorFile(link);
    expect(before).toBe(hashDetectorFile(file));
    writeFileSync(join(own, 'in', 'share.cjs'), '0.4');
    expect(hashDetectorFile(link)).not.toBe(before);
  });

  it.each(['./share.cjs', './share', './parts', './share.json'])(
    'covers what a CommonJS module gets by require(%j)',
    async (specifier) => {
      const own = mkdtempSync(join(folder, 'required-'));
      const file = join(own, 'mine.cjs');
      const asked = join(
        own,
        { './share': 'share.js', './parts': 'parts/index.js' }[specifier] ?? specifier,
      );
      mkdirSync(dirname(asked), { recursive: true });
      writeFileSync(asked, '0.5');
      writeFileSync(file, `const share = require('${specifier}'); require('./not-there');`);
      const before = hashDetectorFile(file);
      writeFileSync(asked, '0.4');
      expect(hashDetectorFile(file)).not.toBe(before);
    },
  );

  it.each(["module.require('./share.cjs')", "require('./share.cjs',)"])('covers %j', (text) => {
    const own = mkdtempSync(join(folder, 'required-'));
    const [file, asked] = [join(own, 'mine.cjs'), join(own, 'share.cjs')];
    writeFileSync(asked, '0.5');
    writeFileSync(file, `const share = ${text};`);
    const before = hashDetectorFile(file);
    writeFileSync(asked, '0.4');
    expect(hashDetectorFile(file)).not.toBe(before);
  });

  it.each([
    '// import { old } from "./gone.ts"',
    '/** Once this was `export * from "./gone.ts"`. */',
    '/*\nimport "./gone.ts";\n*/',
    '// await import("./gone.ts")',
    'import type { Old } from "./gone.ts";',
    'export type { Old } from "./gone.ts";',
    'const help = "write import \'./gone.ts\'";',
    '// const old = require("./gone.ts")',
    'export const path = "./gone.ts";',
    'const url = import.meta.resolve("./gone.ts");',
  ])('leaves out %j', (text) => {
    const file = moduleFile(`${text}\nexport const createDetector = 1;`);
    expect(hashDetectorFile(file)).toMatch(/^[0-9a-f]{64}$/);
  });
});
