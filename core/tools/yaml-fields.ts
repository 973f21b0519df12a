import { z } from 'zod';
import { describeValue } from './check-document.ts';
import { durationPattern, parseDurationMs } from './duration.ts';
import { nearestNames } from './nearest-names.ts';

type RawIssue = z.core.$ZodRawIssue;

/** A mapping whose unknown fields are errors that name the nearest known one. */
export function strictObject<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownFields(issue.keys, known) : undefined,
  });
}

function unknownFields(keys: readonly string[], known: readonly string[]): string {
  return keys
    .map((key) => {
      const near = nearestNames(key, known);
      const advice =
        near.length > 0 ? `did you mean "${near.join('" or "')}"?` : `known: ${known.join(', ')}`;
      return `unknown field "${key}" (${advice})`;
    })
    .join(', ');
}

/** Words an error: what was expected, and what stands there instead. */
export function complain(expected: string): (issue: RawIssue) => string {
  return (issue) => {
    const missing = issue.input === undefined;
    return missing
      ? `missing, expected ${expected}`
      : `expected ${expected}, got ${describeValue(issue.input)}`;
  };
}

/** As {@link complain}; a bare number is told that its unit is missing. */
export function complainOfDuration(expected: string): (issue: RawIssue) => string {
  const usual = complain(expected);
  return (issue) =>
    typeof issue.input === 'number'
      ? `${usual(issue)}: durations need a unit, e.g. ${issue.input}s or ${issue.input}ms`
      : usual(issue);
}

/** How errors name a duration. */
export const durationWords: string = 'a duration such as 250ms, 30s, 5m or 1h30m';

/** A duration with its unit, as ms. */
export const durationField: z.ZodType<number, string> = z
  .string({ error: complainOfDuration(durationWords) })
  .regex(durationPattern, { error: complain(durationWords) })
  .transform(parseDurationMs);
