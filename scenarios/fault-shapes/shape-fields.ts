import { z } from 'zod';
import { complain, complainOfDuration, strictObject } from '../../core/tools/index.ts';
import { choiceField, countField, durationRange, textField } from '../fields.ts';

const name = '[A-Za-z0-9][A-Za-z0-9_.-]*';

/** What a target may be: a component, one of several, or that of an earlier fault. */
function targetOf(pattern: RegExp, words: string): z.ZodType {
  return z.union(
    [
      choiceField(textField(pattern, words), words),
      strictObject({
        with: countField(0).meta({ description: 'Index of the earlier fault it shares it with.' }),
      }),
    ],
    { error: complain(`${words}, { oneOf: [a, b] } or { with: 0 }`) },
  );
}

/** A target of one of these kinds (`zone|node`), drawn per seed where several are given. */
export function targetField(kinds: string, example: string): z.ZodType {
  return targetOf(new RegExp(`^(${kinds})/${name}$`), `a target such as ${example}`);
}

/** A call from one service to another, `edge/a->b`. */
export const edgeTarget: z.ZodType = targetOf(
  new RegExp(`^edge/${name}->${name}$`),
  'a target such as edge/frontend->cartservice',
);

/** All users, or those on one journey. */
export const userTarget: z.ZodType = targetOf(
  /^user\/(\*|[A-Za-z0-9][A-Za-z0-9_.-]*)$/,
  'a target such as user/* or user/checkout',
);

/** Durations of faults that only somebody ends. */
export const untilEnd: z.ZodType = z.literal('until_end').default('until_end');

/** Durations of faults that may also end by themselves. */
export const faultDuration: z.ZodType = z
  .union([z.literal('until_end'), durationRange], {
    error: complainOfDuration('until_end, a duration such as 10m, or { between: [10m, 15m] }'),
  })
  .default('until_end')
  .meta({ description: 'until_end (the default): until the end of the run or until remedied.' });

/** The parameters of a kind that has none. */
export const noParameters: z.ZodType = strictObject({}).default({});

/** What a fault kind accepts. */
export interface FaultShape {
  readonly target: z.ZodType;
  readonly duration: z.ZodType;
  readonly parameters: z.ZodType;
  readonly edits?: z.ZodType;
}
