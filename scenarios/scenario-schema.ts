import { z } from 'zod';
import { type FaultClass, faultClasses } from '../core/observable/index.ts';
import {
  complainOfDuration,
  describeValue,
  durationField,
  strictObject,
  suggestNames,
} from '../core/tools/index.ts';
import {
  type Choice,
  type FaultKind,
  faultKinds,
  type Range,
  type ScenarioAbout,
  type ScenarioEnd,
  type StepTemplate,
  type TreatmentTemplate,
} from '../core/truth/index.ts';
import { faultShapes } from './fault-shapes/fault-shapes.ts';
import { countField, durationRange, numberField, ratioField, textField } from './fields.ts';
import { treatmentList } from './step-schema.ts';

/** A fault as its file says it; times in ms, amounts in bytes. */
export interface FaultDocument {
  readonly kind: FaultKind;
  readonly target: string | Choice | { readonly with: number };
  readonly start: Range | { readonly with: number };
  readonly duration: Range | 'until_end';
  readonly parameters: Readonly<Record<string, Range | Choice | string>>;
  readonly edits?: readonly StepTemplate[] | undefined;
  readonly faultClass?: FaultClass | undefined;
}

/** A scenario file after its units are read, before its parts are checked against each other. */
export interface ScenarioDocument {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly topology: string;
  readonly warmUp: number;
  readonly lead: Range;
  readonly duration: number;
  readonly workload: {
    readonly requestsPerSec?: number | undefined;
    readonly dailySwing?: number | undefined;
  };
  readonly faults: readonly FaultDocument[];
  readonly ambient: readonly FaultDocument[];
  readonly ends: ScenarioEnd;
  readonly about?: ScenarioAbout | undefined;
  readonly selfTest?: { readonly horizon: number; readonly why: string } | undefined;
  readonly remedies: readonly TreatmentTemplate[];
  readonly traps: readonly TreatmentTemplate[];
  readonly expect: {
    readonly availability?: number | undefined;
    readonly recovery?: number | undefined;
    readonly incidents?: number | undefined;
    readonly actions?: number | undefined;
    readonly rootCause?: string | undefined;
    readonly why?: string | undefined;
  };
}

/** What a perfect diagnosis may be; `unknown` is none. */
const knowableClasses = z.enum(faultClasses).exclude(['unknown']);

const faultStart = z.union(
  [
    durationRange,
    strictObject({
      with: countField(0).meta({ description: 'Index of the earlier fault it starts with.' }),
    }),
  ],
  { error: complainOfDuration('a duration such as 5m, { between: [4m, 9m] } or { with: 0 }') },
);

/** The cast is where zod's types end: they do not follow a union built from a table. */
function happeningSchema(
  extra: Record<string, z.ZodType>,
  start: z.ZodType,
): z.ZodType<FaultDocument> {
  const shapes = faultKinds.map((kind) =>
    strictObject({ kind: z.literal(kind), ...faultShapes[kind], start, ...extra }),
  );
  const [first, ...others] = shapes;
  const union = z.discriminatedUnion('kind', [first as (typeof shapes)[number], ...others], {
    error: (issue) => {
      if (issue.code !== 'invalid_union') return undefined;
      const kind = (issue.input as { kind?: unknown }).kind;
      if (kind === undefined) return `missing, expected one of ${faultKinds.join(', ')}`;
      const advice = suggestNames(String(kind), faultKinds);
      return `unknown fault kind ${describeValue(kind)} (${advice})`;
    },
  });
  return union as z.ZodType as z.ZodType<FaultDocument>;
}

const idField = textField(/^[a-z][a-z0-9_]*$/, 'a name in snake_case such as zone_failure');

const schema = strictObject({
  id: idField.meta({ description: 'Equals the file name without its ending.' }),
  version: countField(1).meta({ description: 'Grows whenever a number in the file changes.' }),
  title: textField(/\S/, 'a title'),
  description: textField(/\S/, 'a description'),
  topology: textField(/\S/, 'the name of a topology such as online_boutique'),
  warmUp: durationField.default(20 * 60_000).meta({
    description: 'Time before the measured run, in which detectors learn.',
  }),
  lead: durationRange.default({ low: 0, high: 0 }).meta({
    description:
      'Measured time before anything of the scenario; its times count from the end of it.',
  }),
  duration: durationField.meta({ description: 'Length of the measured run after its lead.' }),
  workload: strictObject({
    requestsPerSec: numberField(0.001, 1_000_000).optional(),
    dailySwing: ratioField.optional(),
  })
    .default({})
    .meta({ description: 'Overrides of the topology’s workload.' }),
  faults: z.array(happeningSchema({ faultClass: knowableClasses }, faultStart)).default([]),
  ambient: z
    .array(happeningSchema({}, durationRange))
    .default([])
    .meta({ description: 'Benign happenings: never a reason for an incident.' }),
  ends: z.enum(['remedied', 'self', 'silent', 'metastable', 'healthy']),
  about: strictObject({
    mechanism: textField(/^[A-Z][A-Z]?\d{1,2}$/, 'the id of a mechanism such as W1'),
    symptom: textField(/\S/, 'what an observer sees, in one line'),
    difficulty: z.union([z.literal(1), z.literal(2), z.literal(3)]).meta({
      description: '1: one signal names it; 2: signals must be put together; 3: it misleads.',
    }),
  })
    .optional()
    .meta({ description: 'What the catalogue says of it; shipped scenarios have it.' }),
  selfTest: strictObject({
    horizon: durationField.meta({ description: 'After onset; 10m where this is left out.' }),
    why: textField(/\S/, 'what takes longer than ten minutes to show'),
  })
    .optional()
    .meta({ description: 'How long the self-test looks, where ten minutes say too little.' }),
  remedies: treatmentList.meta({ description: 'Each cures by itself.' }),
  traps: treatmentList.meta({ description: 'Each looks like a cure and is none.' }),
  expect: strictObject({
    availability: ratioField.optional().meta({ description: 'Lower limit; default 0.99.' }),
    recovery: durationField.optional().meta({ description: 'Upper limit; default 300s.' }),
    incidents: countField(0).optional().meta({ description: 'Upper limit; 0 when healthy.' }),
    actions: countField(0).optional().meta({ description: 'Upper limit; 0 when healthy.' }),
    rootCause: textField(
      /^(zone|node|service|pod|edge|release|config|volume|external|user)\/\S+$/,
      'a component such as zone/us-east-1a',
    ).optional(),
    why: textField(/\S/, 'the reason for a laxer limit').optional(),
  }).default({}),
});

/** The schema of a scenario file. */
export const scenarioSchema: z.ZodType<ScenarioDocument> = schema;

/** The same as JSON Schema (draft 7, what editors understand best). */
export function scenarioJsonSchema(): object {
  return {
    ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7', reused: 'ref' }),
    title: 'Firedrill scenario',
    description:
      'A family of runs, one per seed: a topology, what happens to it, what is expected.',
  };
}
