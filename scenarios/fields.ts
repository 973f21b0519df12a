import { z } from 'zod';
import {
  complain,
  complainOfDuration,
  durationField,
  durationWords,
  parseQuantity,
  strictObject,
} from '../core/tools/index.ts';
import type { Choice, Range } from '../core/truth/index.ts';

const serviceTimeWords = 'a time such as 0.4ms or 1s';

/** A short time in which fractions of a millisecond count, as ms. */
export const serviceTimeField: z.ZodType<number, string> = z
  .string({ error: complainOfDuration(serviceTimeWords) })
  .regex(/^\d+(\.\d+)?(ms|s)$/, { error: complain(serviceTimeWords) })
  .transform((text) =>
    text.endsWith('ms') ? Number(text.slice(0, -2)) : Number(text.slice(0, -1)) * 1000,
  );

const bytesWords = 'an amount of memory such as 64Mi, 200Ki or 1G';

/** An amount of memory with its unit, as bytes. */
export const bytesField: z.ZodType<number, string> = z
  .string({ error: complain(bytesWords) })
  .regex(/^\d+(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)$/, { error: complain(bytesWords) })
  .transform(parseQuantity);

/** A number within bounds, both included. */
export function numberField(low: number, high: number): z.ZodType<number, number> {
  const error = complain(`a number from ${low} to ${high}`);
  return z.number({ error }).min(low, { error }).max(high, { error });
}

/** A share, 0 to 1. */
export const ratioField: z.ZodType<number, number> = numberField(0, 1);

/** A whole number of at least `low`, and at most `high` where that is given. */
export function countField(low: number, high?: number): z.ZodType<number, number> {
  if (high === undefined) {
    const error = complain(`a whole number of at least ${low}`);
    return z.int({ error }).min(low, { error });
  }
  const error = complain(`a whole number from ${low} to ${high}`);
  return z.int({ error }).min(low, { error }).max(high, { error });
}

/** More pods than this of one workload are a slip of the pen; the twin would be busy for hours. */
export const replicasLimit = 1000;

/** How many pods a workload has, or may have at most. */
export const replicasField: z.ZodType<number, number> = countField(0, replicasLimit);

/** A text that is not empty and matches the pattern. */
export function textField(pattern: RegExp, words: string): z.ZodType<string, string> {
  return z.string({ error: complain(words) }).regex(pattern, { error: complain(words) });
}

/** Either a fixed value or `{ between: [low, high] }`, drawn per seed; `words` name one value. */
function rangeField<Input>(field: z.ZodType<number, Input>, words: string): z.ZodType<Range> {
  const fixed = field.transform((value) => ({ low: value, high: value }));
  const drawn = strictObject({
    between: z
      .tuple([field, field])
      .refine(([low, high]) => low <= high, { error: 'expected the lower bound first' })
      .meta({ description: 'Drawn per seed between the two.' }),
    scale: z
      .enum(['linear', 'log'])
      .default('linear')
      .meta({ description: 'log: every decade is as likely, for sizes that span several.' }),
  })
    .refine(({ between, scale }) => scale === 'linear' || between[0] > 0, {
      error: 'a log scale needs a lower bound above 0',
    })
    .transform(({ between: [low, high], scale }): Range => {
      return scale === 'log' ? { low, high, scale } : { low, high };
    });
  const error = words.startsWith('a duration') ? complainOfDuration : complain;
  return z.union([fixed, drawn], { error: error(`${words}, or { between: [low, high] }`) });
}

/** One text, or `{ oneOf: [a, b] }`, drawn per seed; `field` checks each. */
export function choiceField(
  field: z.ZodType<string, string>,
  words: string,
): z.ZodType<string | Choice> {
  const drawn = strictObject({
    oneOf: z.array(field).min(2).meta({ description: 'One of these, drawn per seed.' }),
  });
  return z.union([field, drawn], { error: complain(`${words}, or { oneOf: [a, b] }`) });
}

/** A duration, fixed or drawn, as ms. */
export const durationRange: z.ZodType<Range> = rangeField(durationField, durationWords);

/** An amount of memory, fixed or drawn, as bytes. */
export const bytesRange: z.ZodType<Range> = rangeField(bytesField, bytesWords);

/** A number within bounds, fixed or drawn. */
export function numberRange(low: number, high: number): z.ZodType<Range> {
  return rangeField(numberField(low, high), `a number from ${low} to ${high}`);
}
