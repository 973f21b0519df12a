import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { scenarioJsonSchema } from '../../scenarios/index.ts';
import { examples, type Finish } from '../options.ts';
import { writeWholeFile } from '../write-whole-file.ts';

const file = fileURLToPath(new URL('../../scenarios/scenario.schema.json', import.meta.url));

export function schemaCommand(_finish: Finish): Command {
  return new Command('schema')
    .description('print the JSON Schema of scenario files, for editors')
    .usage('-- [options]')
    .option('--write', 'update the shipped scenarios/scenario.schema.json')
    .addHelpText(
      'after',
      examples('npm run -s schema > scenario.schema.json', 'npm run schema -- --write'),
    )
    .action(({ write }: { readonly write?: boolean }) => {
      const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
      if (write) writeWholeFile(file, text);
      else process.stdout.write(text);
    });
}
