import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readShippedPolicies, serializePolicies } from '../../healers/index.ts';
import { runTrial } from '../../lab/index.ts';
import { renderRunSummary } from '../../reports/index.ts';

const readme = new URL('../../README.md', import.meta.url);
const block = /(<!-- output: zone_failure -->\n```text\n)([\s\S]*?)(```\n<!-- \/output -->)/;

/** Digests differ between Node versions and architectures; everything else must not. */
function withoutDigests(text: string): string {
  return text.replace(/[0-9a-f]{64}/g, '<digest>');
}

it("the README's first command prints what the README says", async () => {
  const { record, scorecard } = await runTrial(
    {
      scenario: 'zone_failure',
      seed: 7,
      detector: 'default',
      localizer: 'combined',
      healer: 'policy',
      policy: { file: 'default', text: serializePolicies(readShippedPolicies('default')) },
      manifestsDir: null,
      workload: null,
      oracle: false,
      inputHashes: {},
    },
    { clockMs: () => 0 },
  );
  const printed = renderRunSummary(record, scorecard, {
    color: false,
    width: 100,
    files: {
      folder: 'runs/zone_failure-7-policy',
      names: ['report.html', 'scorecard.json', 'record.json'],
    },
  })
    .replace(/^\n/, '')
    .replace(/\n+$/, '\n');
  const text = readFileSync(readme, 'utf8');
  if (process.env.UPDATE_GOLDEN) {
    writeFileSync(
      readme,
      text.replace(block, (_all, open, _old, close) => `${open}${printed}${close}`),
    );
    return;
  }
  expect(withoutDigests(block.exec(text)?.[2] ?? '')).toBe(withoutDigests(printed));
});
