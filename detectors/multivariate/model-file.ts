import { z } from 'zod';
import { digestOf, InputError } from '../../core/tools/index.ts';
import { restoreState, type StateId, saveState } from '../checkpoint/checkpoint.ts';
import type { RowModel } from './row-model.ts';

/** What is known of a fitted model besides its state. */
export interface ModelFacts {
  /** Its name among the row scorers. */
  readonly model: string;
  /** Metrics per row. */
  readonly columns: number;
  /** Scores above it are alarms. */
  readonly threshold: number;
  /** A digest of the rows it was fitted on. */
  readonly train: string;
  /** The version of Firedrill that fitted it. */
  readonly packageVersion: string;
  /** The command that made the file. */
  readonly command: string;
}

const schemaVersion = 1;
const schema = z.object({
  schemaVersion: z.literal(schemaVersion),
  model: z.string(),
  columns: z.number().int().positive(),
  threshold: z.number(),
  train: z.string(),
  packageVersion: z.string(),
  command: z.string(),
  state: z.base64(),
  digest: z.string(),
});

/** Raised whenever the state of any row model changes. */
const stateVersion = 1;
const again = 'remove the file, and the next run fits the model and writes it again';

/** A model as a JSON text with its provenance and a digest over all of it. */
export function renderModelFile(facts: ModelFacts, model: RowModel): string {
  const state = Buffer.from(saveState(stateIdOf(facts), model)).toString('base64');
  const content = { schemaVersion, ...facts, state };
  return `${JSON.stringify({ ...content, digest: digestOf(content) }, null, 2)}\n`;
}

/**
 * Reads the text of a model file into `model`, a fresh one made for that name and as many columns;
 * null, and the model is as it was, when it was fitted on other rows or by another version. An
 * InputError names `file` and what is wrong with it.
 */
export function readModelFile(
  text: string,
  expected: Omit<ModelFacts, 'threshold' | 'command'> & { readonly file: string },
  model: RowModel,
): ModelFacts | null {
  const { file } = expected;
  const { state, digest, schemaVersion: version, ...facts } = parse(text, file);
  if (digestOf({ schemaVersion: version, ...facts, state }) !== digest) {
    throw new InputError(`${file}: the model was changed since it was written`, { hint: again });
  }
  const isStale =
    facts.train !== expected.train || facts.packageVersion !== expected.packageVersion;
  if (isStale) return null;
  for (const key of ['model', 'columns'] as const) {
    if (facts[key] === expected[key]) continue;
    throw new InputError(`${file}: ${key}: expected ${expected[key]}, got ${facts[key]}`, {
      hint: `it was made by: ${facts.command}`,
    });
  }
  restoreState(stateIdOf(facts), Buffer.from(state, 'base64'), model);
  return facts;
}

function stateIdOf({ model, columns }: Pick<ModelFacts, 'model' | 'columns'>): StateId {
  return { kind: model, version: stateVersion, settings: { columns } };
}

function parse(text: string, file: string): z.infer<typeof schema> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${file}: expected a model in JSON, got other text`, {
      hint: again,
      cause,
    });
  }
  const { data, error } = schema.safeParse(document);
  if (data) return data;
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new InputError(`${file}: not a model of this version: ${path} ${issue?.message}`, {
    hint: again,
  });
}
