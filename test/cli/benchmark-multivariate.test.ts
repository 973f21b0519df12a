import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { firedrill, temporaryFolder } from './firedrill.ts';
import { inProcess } from './in-process.ts';

it('benchmark multivariate prints JSON alone, writes its models and names bad lines', async () => {
  const folder = temporaryFolder();
  const rows = Array.from({ length: 120 }, (_, i) => `${Math.sin(i)},${Math.cos(i)}`);
  writeFileSync(join(folder, 'web_train.csv'), rows.join('\n'));
  writeFileSync(join(folder, 'web_test.csv'), [...rows.slice(0, 60), '9,9'].join('\n'));
  writeFileSync(
    join(folder, 'web_test_label.csv'),
    [...rows.slice(0, 60).fill('0'), '1'].join('\n'),
  );
  const run = ['benchmark', 'multivariate', '--data', folder];
  const models = join(folder, 'models');
  const { code, stdout, stderr } = await firedrill(...run, '--models', models, '--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    benchmark: 'multivariate',
    default: 'default',
    rows: expect.arrayContaining([
      expect.objectContaining({ name: 'default', kind: 'ours', n: 1 }),
    ]),
  });
  const model = join(models, 'web.model.json');
  expect(existsSync(model)).toBe(true);
  writeFileSync(join(folder, 'web_train.csv'), rows.slice(1).join('\n'));
  const again = await inProcess(...run, '--models', models, '--json');
  expect(again.stderr).toBe(
    `${model} is of other training data or another version: fitted again\n`,
  );
  expect(again.code).toBe(0);
  writeFileSync(join(folder, 'web_train.csv'), '1,2\n3,four\n');
  const bad = await firedrill(...run);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('web_train.csv:2:3: expected a number, got "four"');
});
