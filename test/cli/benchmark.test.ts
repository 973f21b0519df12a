import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { firedrill, npm, temporaryFolder } from './firedrill.ts';

const labelled = `LineId,Content,EventId,EventTemplate
1,sent 7 bytes,E1,sent <*> bytes
2,sent 12 bytes,E1,sent <*> bytes
3,closed,E2,closed
`;

it('benchmark loghub prints a table for people and JSON alone for programs', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'Mine_2k.log_structured.csv'), labelled);
  const { code, stdout } = await firedrill('benchmark', 'loghub', '--data', folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\* default \(ours\) +1\.000 +1\.000 +1\.000 +1\.000 +1$/m);
  const json = await npm(['run', '-s', 'benchmark', 'loghub', '--', '--data', folder, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    benchmark: 'loghub',
    default: 'default',
    rows: [
      { name: 'default', kind: 'ours', scores: { GA: 1, FGA: 1, PA: 1, FTA: 1 }, n: 1 },
      {},
      {},
      {},
      {},
    ],
    entities: [{ name: 'Mine', row: 'default', n: 3 }, {}, {}, {}, {}],
  });
});

it('benchmark loghub names what it does not find', async () => {
  const folder = temporaryFolder();
  const { code, stderr } = await firedrill('benchmark', 'loghub', '--data', folder);
  expect(code).toBe(2);
  expect(stderr).toContain(`expected files *.log_structured.csv in folders of ${folder}`);
  expect(stderr).toContain('github.com/logpai/loghub');
  expect((await firedrill('benchmark', 'loghub')).stderr).toContain('where is the data?');
});
