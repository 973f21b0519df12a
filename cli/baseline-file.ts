import { z } from 'zod';
import { InputError } from '../core/tools/index.ts';
import type { RegressionBaseline } from '../core/truth/index.ts';
import { readText } from './options.ts';

const bit = z.literal([0, 1]).nullable();
const outcome = z.object({
  scenario: z.string(),
  version: z.number(),
  seed: z.number().int().nonnegative(),
  detected: bit,
  timeToDetectMs: z.number().nullable(),
  falseIncidents: z.number().int().nonnegative(),
  healthyHours: z.number().nonnegative(),
  top1: bit,
  recovered: bit,
  digest: z.string(),
  exogenousDigest: z.string(),
  replay: z.string(),
});
const schema: z.ZodType<RegressionBaseline> = z.object({
  schemaVersion: z.literal(1),
  packageVersion: z.string(),
  code: z.string(),
  node: z.string(),
  architecture: z.string(),
  suite: z.string(),
  scenarios: z.array(z.string()).min(1),
  seeds: z.array(z.number().int().nonnegative()).min(1),
  stack: z.array(z.string()),
  trials: z.array(outcome).min(1),
});

/**
 * Reads a baseline; an {@link InputError} names the file and the first thing that is wrong in it.
 */
export function readBaseline(file: string): RegressionBaseline {
  const text = readText(file, 'baseline');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw badBaseline(file, `not JSON (${(error as Error).message})`);
  }
  const checked = schema.safeParse(document);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw badBaseline(file, `${issue?.path.join('.') || 'the document'}: ${issue?.message}`);
}

function badBaseline(file: string, problem: string): InputError {
  return new InputError(`${file} is no baseline: ${problem}`, {
    hint: `write one with: npm run regression -- --write-baseline ${file}`,
  });
}

/** One trial a line, so that a version control shows which ones changed. */
export function baselineText(baseline: RegressionBaseline): string {
  const { trials, ...head } = baseline;
  const lines = trials.map((trial) => `    ${JSON.stringify(trial)}`).join(',\n');
  const opening = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  return `${opening},\n  "trials": [\n${lines}\n  ]\n}\n`;
}
