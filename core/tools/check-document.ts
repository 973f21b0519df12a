import type { z } from 'zod';
import { InputError, type SourcePosition } from './errors.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** One thing wrong in a file. */
export interface Problem {
  readonly position: SourcePosition;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Throws one {@link InputError} that lists all problems, in file order, one per line. */
export function throwProblems(problems: readonly Problem[]): void {
  const [first, ...others] = [...problems].sort(
    (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
  );
  if (!first) return;
  const lines = others.map(({ position, message }) => {
    return `${position.file}:${position.line}:${position.column}: ${message}`;
  });
  throw new InputError([first.message, ...lines].join('\n'), {
    position: first.position,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/**
 * The document in the schema's shape; all that is wrong with it is one {@link InputError} with
 * positions. `formatPage` is where the format is described.
 */
export function checkDocument<T>(
  document: YamlSource,
  schema: z.ZodType<T>,
  formatPage: string,
): T {
  const result = schema.safeParse(document.value, { error: explainIssue });
  if (result.success) return result.data;
  const hint = `the fields and their units are listed in ${formatPage}`;
  throwProblems(result.error.issues.flatMap((issue) => toProblems(document, issue, [], hint)));
  throw result.error;
}

/** A value as messages show it. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nothing (an empty value)';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object')
    return `a mapping with ${Object.keys(value).join(', ') || 'no keys'}`;
  return JSON.stringify(value);
}

/** `faults[0].parameters.delay`. */
function formatPath(path: YamlPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

/** House wording for what zod finds where a schema has no words of its own. */
function explainIssue(issue: z.core.$ZodRawIssue): string | undefined {
  const got = `got ${describeValue(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `missing, expected ${withArticle(issue.expected)}`;
      return `expected ${withArticle(issue.expected)}, ${got}`;
    case 'invalid_value':
      return `expected ${issue.values.map(String).join(' or ')}, ${got}`;
    case 'too_small':
      return `expected ${issue.minimum} ${unitOf(issue.origin)}or more, ${got}`;
    case 'too_big':
      return `expected ${issue.maximum} ${unitOf(issue.origin)}or less, ${got}`;
    default:
      return undefined;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return 'characters ';
  return origin === 'array' ? 'items ' : '';
}

const kindWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list of two',
};

function withArticle(expected: string): string {
  return kindWords[expected] ?? expected;
}

function toProblems(
  document: YamlSource,
  issue: z.core.$ZodIssue,
  prefix: YamlPath,
  hint: string,
): Problem[] {
  const path = [...prefix, ...(issue.path as YamlPath)];
  if (issue.code === 'invalid_union') {
    const branch = matchingBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => toProblems(document, inner, path, hint));
  }
  if (issue.code === 'unrecognized_keys') {
    const keyPath = [...path, issue.keys[0] as string];
    return [problemAt(document.keyPositionOf(keyPath), path, issue.message, hint)];
  }
  return [problemAt(document.positionOf(path), path, issue.message, hint)];
}

function problemAt(
  position: SourcePosition,
  path: YamlPath,
  message: string,
  hint: string,
): Problem {
  const where = formatPath(path);
  return { position, message: where === '' ? message : `${where}: ${message}`, hint };
}

/** The alternative that fits the value's type, and its fields best: its complaints are exact. */
function matchingBranch(branches: readonly Branch[]): Branch | undefined {
  const fitting = branches.filter((issues) => issues.length > 0 && !issues.some(isWrongType));
  return fitting.reduce<Branch | undefined>((best, branch) => {
    return best && strangeFields(best) <= strangeFields(branch) ? best : branch;
  }, undefined);
}

type Branch = readonly z.core.$ZodIssue[];

function isWrongType(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return matchingBranch(issue.errors) === undefined;
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function strangeFields(branch: Branch): number {
  return branch.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
    if (issue.code === 'invalid_union')
      return sum + strangeFields(matchingBranch(issue.errors) ?? []);
    return sum;
  }, 0);
}
