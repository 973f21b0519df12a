import { z } from 'zod';
import {
  type ActionKind,
  actionKinds,
  faultClasses,
  severities,
  targetKindsByAction,
} from '../core/observable/index.ts';
import {
  checkDocument,
  durationField,
  InputError,
  parseYamlSource,
  renderDuration,
  strictObject,
  suggestNames,
  type YamlPath,
  type YamlSource,
} from '../core/tools/index.ts';
import { actionParameters, defaultParameters } from './action-parameters.ts';
import { parseTargetSpec, targetKinds } from './action-target.ts';
import { parseCondition } from './condition-language.ts';
import type {
  ActionSpec,
  ConditionTerm,
  Fallback,
  PolicyRule,
  PolicySet,
  PolicyWarning,
  TargetSpec,
} from './policy-set.ts';

const dataKey = 'policies.yaml';
const formatPage = 'docs/policies.md';
const defaultCooldownMs = 5 * 60_000;
const defaultSettleMs = 60_000;
const defaultMinWeight = 0.3;

const configMapSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
  data: z.object({ [dataKey]: z.string() }),
});

const oneOrMany = <Value extends string>(values: readonly Value[]): z.ZodType<Value | Value[]> => {
  const one = z.enum(values);
  return z.union([one, z.array(one).min(1)], {
    error: `expected one or a list of ${values.join(', ')}`,
  });
};
const action = z.looseObject({ type: z.enum(actionKinds) });
const remedy = {
  action: action.optional(),
  actions: z.array(action).min(1).optional(),
};
const ruleSchema = strictObject({
  name: z.string().min(1),
  priority: z.number().optional(),
  condition: z.string().optional(),
  diagnosis: z
    .strictObject({
      class: oneOrMany(faultClasses),
      min_weight: z.number().min(0).max(1).optional(),
    })
    .optional(),
  incident: strictObject({ severity: oneOrMany(severities) }).optional(),
  release: strictObject({ changed_within: durationField }).optional(),
  for: durationField.optional(),
  threshold: z.number().positive().optional(),
  target: z.string(),
  ...remedy,
  cooldown: durationField.optional(),
  settle: durationField.optional(),
  // biome-ignore lint/suspicious/noThenProperty: the file format's word for what comes next.
  then: z
    .array(
      strictObject({
        after: durationField,
        condition: z.string().optional(),
        target: z.string().optional(),
        ...remedy,
      }),
    )
    .optional(),
});
const policiesSchema = strictObject({ policies: z.array(ruleSchema).min(1) });

type RawRule = z.infer<typeof ruleSchema>;
type RawRemedy = Pick<RawRule, 'action' | 'actions'>;

/**
 * Reads a policy file in the form of a Kubernetes ConfigMap whose `data."policies.yaml"` holds the
 * rules. Any mistake is an {@link InputError} that points into the file itself.
 */
export function parsePolicies(text: string, file: string): PolicySet {
  const outer = parseYamlSource(text, file);
  const { metadata } = checkDocument(outer, configMapSchema, formatPage);
  const source = outer.embedded(['data', dataKey]);
  const { policies } = checkDocument(source, policiesSchema, formatPage);
  const reader = new RuleReader(source);
  const rules = policies.map((rule, index) => reader.rule(rule, ['policies', index]));
  const names = new Set<string>();
  rules.forEach(({ name }, index) => {
    if (names.has(name))
      reader.fail(`policy "${name}" is defined twice`, ['policies', index, 'name']);
    names.add(name);
  });
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? null,
    rules,
    warnings: reader.warnings,
  };
}

/** Turns one rule's raw fields into a {@link PolicyRule}, with positions for whatever is wrong. */
class RuleReader {
  readonly warnings: PolicyWarning[] = [];
  readonly #source: YamlSource;

  constructor(source: YamlSource) {
    this.#source = source;
  }

  rule(raw: RawRule, path: YamlPath): PolicyRule {
    const condition = this.#condition(raw.condition, [...path, 'condition']);
    if (condition.length === 0 && !raw.diagnosis && !raw.incident) {
      this.fail(`policy "${raw.name}" needs a condition, a diagnosis or an incident`, path);
    }
    if (raw.for !== undefined && !raw.diagnosis && !raw.incident && !raw.release) {
      const text = `condition: … for ${renderDuration(raw.for)}`;
      this.fail(`"for" of a condition stands in its text: \`${text}\``, [...path, 'for']);
    }
    const target = this.#target(raw.target, [...path, 'target'], condition.length > 0);
    const classes = raw.diagnosis?.class;
    const severity = raw.incident?.severity;
    return {
      name: raw.name,
      priority: raw.priority ?? 0,
      condition,
      diagnosis: classes
        ? { classes: [classes].flat(), minWeight: raw.diagnosis?.min_weight ?? defaultMinWeight }
        : null,
      severities: severity ? [severity].flat() : null,
      releaseWithinMs: raw.release?.changed_within ?? null,
      forMs: raw.for ?? 0,
      threshold: raw.threshold ?? null,
      target,
      actions: this.#actions(raw, path, target),
      cooldownMs: raw.cooldown ?? defaultCooldownMs,
      settleMs: raw.settle ?? defaultSettleMs,
      fallbacks: this.#fallbacks(raw, path, target),
    };
  }

  fail(message: string, path: YamlPath, hint?: string): never {
    const position = this.#source.positionOf(path);
    throw new InputError(message, hint ? { position, hint } : { position });
  }

  #fallbacks(raw: RawRule, path: YamlPath, target: TargetSpec): Fallback[] {
    return (raw.then ?? []).map((fallback, index) => {
      const at = [...path, 'then', index];
      const condition = this.#condition(fallback.condition, [...at, 'condition']);
      const own =
        fallback.target === undefined
          ? target
          : this.#target(
              fallback.target,
              [...at, 'target'],
              condition.length > 0 || raw.condition !== undefined,
            );
      const actions = this.#actions(fallback, at, own);
      return { afterMs: fallback.after, condition, target: own, actions };
    });
  }

  #condition(text: string | undefined, path: YamlPath): readonly ConditionTerm[] {
    if (text === undefined) return [];
    const parsed = parseCondition(text, (offset) => this.#source.positionOf(path, offset));
    this.warnings.push(...parsed.warnings);
    return parsed.terms;
  }

  #target(text: string, path: YamlPath, hasCondition: boolean): TargetSpec {
    const target = parseTargetSpec(text);
    if (!target) {
      const hint = "a bare kind is the incident's entity";
      this.fail(
        `expected a target "ns/kind/name", "kind/name" or a bare kind (${targetKinds.join(', ')}), got "${text}"`,
        path,
        hint,
      );
    }
    if (target.name === '*' && !hasCondition) {
      this.fail(`target "${text}" needs a condition that says which of them`, path);
    }
    return target;
  }

  #actions(raw: RawRemedy, path: YamlPath, target: TargetSpec): readonly ActionSpec[] {
    if ((raw.action === undefined) === (raw.actions === undefined)) {
      this.fail('expected either "action" or "actions"', path);
    }
    const read = (item: z.infer<typeof action>, at: YamlPath): ActionSpec => {
      const kind: ActionKind = item.type;
      if (!targetKindsByAction[kind].includes(target.kind)) {
        const legal = targetKindsByAction[kind].join(' or ');
        this.fail(`${kind} needs a target of kind ${legal}, got ${target.kind}`, [...at, 'type']);
      }
      return { kind, parameters: this.#parameters(kind, item, at) };
    };
    if (raw.action) return [read(raw.action, [...path, 'action'])];
    return (raw.actions ?? []).map((item, index) => read(item, [...path, 'actions', index]));
  }

  #parameters(
    kind: ActionKind,
    item: Readonly<Record<string, unknown>>,
    path: YamlPath,
  ): Record<string, number> {
    const parameters = defaultParameters(kind);
    for (const [key, value] of Object.entries(item)) {
      if (key === 'type') continue;
      const spec = actionParameters[kind].find((parameter) => parameter.yamlName === key);
      if (!spec) {
        const legal = actionParameters[kind].map(({ yamlName }) => yamlName);
        throw new InputError(`${kind} has no setting "${key}" (${suggestNames(key, legal)})`, {
          position: this.#source.keyPositionOf([...path, key]),
        });
      }
      const isLegal =
        typeof value === 'number' &&
        (spec.isExclusive ? value > spec.least : value >= spec.least) &&
        (!spec.isInteger || Number.isInteger(value));
      if (!isLegal) {
        const wanted = `${spec.isInteger ? 'a whole number' : 'a number'} ${spec.isExclusive ? 'above' : 'of at least'} ${spec.least}`;
        this.fail(`${kind}: expected ${key} to be ${wanted}, got ${JSON.stringify(value)}`, [
          ...path,
          key,
        ]);
      }
      parameters[spec.name] = value as number;
    }
    return parameters;
  }
}
