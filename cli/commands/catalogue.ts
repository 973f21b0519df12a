import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { InputError } from '../../core/tools/index.ts';
import { measureImpact } from '../../lab/index.ts';
import { readImpacts, renderCataloguePage } from '../../reports/index.ts';
import { listScenarios, loadScenario } from '../../scenarios/index.ts';
import {
  addJsonOption,
  examples,
  type Finish,
  parseCount,
  parseSeedList,
  printJson,
} from '../options.ts';
import { withProgress } from '../progress-of-pieces.ts';
import { writeWholeFile } from '../write-whole-file.ts';

interface Flags {
  readonly seedList: readonly number[];
  readonly static?: boolean;
  readonly jobs: number;
  readonly json?: boolean;
}

const page = fileURLToPath(new URL('../../docs/scenarios.md', import.meta.url));

export function catalogueCommand(_finish: Finish): Command {
  return addJsonOption(new Command('catalogue'))
    .description('write docs/scenarios.md from the shipped scenarios, and measure who feels them')
    .usage('-- [options]')
    .addOption(
      new Option('--seed-list <list>', 'development seeds to play')
        .argParser(parseSeedList)
        .default([1, 2, 3, 4, 5], '1-5'),
    )
    .option('--static', 'keep what the page says is felt, play nothing')
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addHelpText('after', examples('npm run catalogue', 'npm run catalogue -- --static'))
    .action(async (flags: Flags) => {
      const scenarios = listScenarios().map(({ id }) => loadScenario(id));
      const silent = scenarios.filter(({ about }) => about === null).map(({ id }) => id);
      if (silent.length > 0) {
        throw new InputError(
          `expected about: in every shipped scenario, ${silent.join(', ')} lack it`,
        );
      }
      const impacts = flags.static
        ? readImpacts(readFileSync(page, 'utf8'))
        : await measure(
            scenarios.filter(({ faults }) => faults.length > 0).map(({ id }) => id),
            flags,
          );
      writeWholeFile(page, renderCataloguePage(scenarios, impacts));
      if (flags.json) printJson({ scenarios: scenarios.length, felt: Object.fromEntries(impacts) });
      else process.stdout.write(`written: docs/scenarios.md, ${scenarios.length} scenarios\n`);
    });
}

function measure(
  scenarios: readonly string[],
  { seedList: seeds, jobs }: Flags,
): ReturnType<typeof measureImpact> {
  return withProgress('runs', scenarios.length * seeds.length, (signal, onDone) =>
    measureImpact({ scenarios, seeds, jobs, signal, onDone }),
  );
}
