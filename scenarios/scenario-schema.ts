import { z } from 'zod';
import { type FaultClass, faultClasses } from '../core/observable/index.ts';
import {
  complainOfDuration,
  describeValue,
  durationField,
  strictObject,
  suggestNames,
} from '../core/tools/index.ts';
import { type FaultKind, faultKinds, type Range, type ScenarioEnd } from '../core/truth/index.ts';
import {
  bytesRange,
  countField,
  durationRange,
  numberField,
  numberRange,
  ratioField,
  textField,
} from './fields.ts';

/** A fault as its file says it; times in ms, amounts in bytes. */
export interface FaultDocument {
  readonly kind: FaultKind;
  readonly target: string;
  readonly start: Range | { readonly with: number };
  readonly duration: Range | 'until_end';
  readonly parameters: Readonly<Record<string, Range | string>>;
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
  readonly duration: number;
  readonly workload: {
    readonly requestsPerSec?: number | undefined;
    readonly dailySwing?: number | undefined;
  };
  readonly faults: readonly FaultDocument[];
  readonly ambient: readonly FaultDocument[];
  readonly ends: ScenarioEnd;
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

const name = '[A-Za-z0-9][A-Za-z0-9_.-]*';

function targetField(kinds: string, example: string): z.ZodType<string, string> {
  return textField(new RegExp(`^(${kinds})/${name}$`), `a target such as ${example}`);
}

const faultStart = z.union(
  [
    durationRange,
    strictObject({
      with: countField(0).meta({ description: 'Index of the earlier fault it starts with.' }),
    }),
  ],
  { error: complainOfDuration('a duration such as 5m, { between: [4m, 9m] } or { with: 0 }') },
);

const untilEnd = z.literal('until_end');

const faultDuration = z
  .union([untilEnd, durationRange], {
    error: complainOfDuration('until_end, a duration such as 10m, or { between: [10m, 15m] }'),
  })
  .default('until_end')
  .meta({ description: 'until_end (the default): until the end of the run or until remedied.' });

const noParameters = strictObject({}).default({});

const delayParameters = strictObject({
  delay: durationRange.meta({ description: 'Added to the way into each pod.' }),
}).transform(({ delay }) => ({ delayMs: delay }));

const releaseParameters = strictObject({
  tag: textField(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'an image tag such as v0.10.3').meta({
    description: 'The image tag that is rolled out.',
  }),
  errorRatio: numberRange(0, 1)
    .default({ low: 0, high: 0 })
    .meta({ description: 'Share of requests it fails, added to each operation’s own.' }),
  cpuFactor: numberRange(0.1, 100)
    .default({ low: 1, high: 1 })
    .meta({ description: 'Factor on the CPU time of each request.' }),
  leakPerSec: bytesRange
    .default({ low: 0, high: 0 })
    .meta({ description: 'Memory that each of its processes loses per second.' }),
}).transform(({ leakPerSec, ...others }) => ({ ...others, leakBytesPerSec: leakPerSec }));

const loadParameters = strictObject({
  factor: numberRange(0, 100).meta({ description: 'Factor on the request rate.' }),
  ramp: durationRange
    .default({ low: 0, high: 0 })
    .meta({ description: 'Time of the rise from 1 to the factor, and of the fall after the end.' }),
}).transform(({ factor, ramp }) => ({ factor, rampMs: ramp }));

/** What each kind accepts: targets, durations, parameters. */
const kindShapes = {
  network_partition: {
    target: targetField('zone', 'zone/us-east-1a'),
    duration: faultDuration,
    parameters: noParameters,
  },
  node_power_loss: {
    target: targetField('zone|node', 'zone/us-east-1a or node/node-a1'),
    duration: faultDuration,
    parameters: noParameters,
  },
  network_delay: {
    target: targetField('service', 'service/redis-cart'),
    duration: faultDuration,
    parameters: delayParameters,
  },
  release: {
    target: targetField('service', 'service/frontend'),
    duration: untilEnd.default('until_end'),
    parameters: releaseParameters,
  },
  load_factor: {
    target: textField(
      /^user\/(\*|[A-Za-z0-9][A-Za-z0-9_.-]*)$/,
      'a target such as user/* or user/checkout',
    ),
    duration: faultDuration,
    parameters: loadParameters,
  },
} as const;

/** The cast is where zod's types end: they do not follow a union built from a table. */
function happeningSchema(
  extra: Record<string, z.ZodType>,
  start: z.ZodType,
): z.ZodType<FaultDocument> {
  const shapes = faultKinds.map((kind) =>
    strictObject({ kind: z.literal(kind), ...kindShapes[kind], start, ...extra }),
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
  duration: durationField.meta({ description: 'Length of the measured run.' }),
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
    ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }),
    title: 'Firedrill scenario',
    description:
      'A family of runs, one per seed: a topology, what happens to it, what is expected.',
  };
}
