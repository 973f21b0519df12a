import type { ActionKind } from '../core/observable/index.ts';
import { UsageError } from '../core/tools/index.ts';
import { defaultParameters } from './action-parameters.ts';
import { findPolicyMetric, type PolicyMetric, scaleOf } from './policy-metrics.ts';
import type { ActionSpec, ConditionTerm, PolicyRule, PolicySet, TargetKind } from './policy-set.ts';

/** One thing about a policy set that a tuner may change; numbers of durations are ms. */
export interface Knob {
  /** `<rule>.<part>`, e.g. `high-cpu-scaling.cpu_utilization.limit`. */
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly value: number | string;
  /** Legal values, numbers ascending; the present value is among them. */
  readonly values: readonly (number | string)[];
}

export type KnobValues = Readonly<Record<string, number | string>>;

/** A knob, and what the rule becomes when it is turned. */
interface Handle extends Knob {
  readonly turn: (rule: PolicyRule, value: number | string) => PolicyRule;
}

const windowsMs = [0, 15_000, 30_000, 60_000, 120_000, 180_000, 300_000, 600_000];
const cooldownsMs = [60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];
const weights = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const percents = [50, 60, 70, 80, 90, 95];
const ratios = [0.01, 0.02, 0.05, 0.1, 0.2];
const millis = [100, 250, 500, 1000, 2000];
const multiples = [1.25, 1.5, 2, 3];
const factors = [1.5, 2, 3];

const actionChoices: Readonly<Record<TargetKind, readonly (readonly ActionKind[])[]>> = {
  deployment: [['restart'], ['rollback'], ['scale_up'], ['rate_limit']],
  node: [['cordon'], ['cordon', 'drain']],
  zone: [['traffic_shift'], ['cordon', 'drain'], ['traffic_shift', 'cordon', 'drain']],
};

/** Thresholds, windows, weights, cooldowns, factors and the choice of action, rule by rule. */
export function policyKnobs(policies: PolicySet): readonly Knob[] {
  return policies.rules.flatMap((rule) =>
    handlesOf(rule).map(({ name, kind, value, values }) => ({ name, kind, value, values })),
  );
}

/**
 * The policy set with knobs turned; the others stay. An unknown knob or a value that is not one of
 * its legal ones is a {@link UsageError}.
 */
export function withKnobs(policies: PolicySet, values: KnobValues): PolicySet {
  const known = new Set<string>();
  const rules = policies.rules.map((rule) => {
    let turned = rule;
    for (const handle of handlesOf(rule)) {
      known.add(handle.name);
      const value = values[handle.name];
      if (value === undefined || value === handle.value) continue;
      if (!handle.values.includes(value)) {
        throw new UsageError(
          `knob ${handle.name}: expected one of ${handle.values.join(', ')}, got ${value}`,
        );
      }
      turned = handle.turn(turned, value);
    }
    return turned;
  });
  const unknown = Object.keys(values).find((name) => !known.has(name));
  if (unknown !== undefined) throw new UsageError(`there is no knob "${unknown}"`);
  return { ...policies, rules };
}

function handlesOf(rule: PolicyRule): Handle[] {
  const handles = rule.condition.flatMap((term, index) => termHandles(rule.name, term, index));
  const { diagnosis } = rule;
  if (diagnosis) {
    handles.push(
      numeric(`${rule.name}.min_weight`, diagnosis.minWeight, weights, (old, minWeight) => ({
        ...old,
        diagnosis: old.diagnosis && { ...old.diagnosis, minWeight },
      })),
    );
  }
  if (diagnosis || rule.severities) {
    handles.push(
      numeric(`${rule.name}.for`, rule.forMs, windowsMs, (old, forMs) => ({ ...old, forMs })),
    );
  }
  handles.push(
    numeric(`${rule.name}.cooldown`, rule.cooldownMs, cooldownsMs, (old, cooldownMs) => ({
      ...old,
      cooldownMs,
    })),
    actionHandle(rule),
  );
  const factor = rule.actions.find(({ kind }) => kind === 'scale_up')?.parameters.factor;
  if (factor !== undefined) {
    handles.push(
      numeric(`${rule.name}.factor`, factor, factors, (old, value) => ({
        ...old,
        actions: old.actions.map((spec) =>
          spec.kind === 'scale_up'
            ? { ...spec, parameters: { ...spec.parameters, factor: value } }
            : spec,
        ),
      })),
    );
  }
  return handles;
}

function termHandles(ruleName: string, term: ConditionTerm, index: number): Handle[] {
  const metric = findPolicyMetric(term.metric) as PolicyMetric;
  const prefix = `${ruleName}.${index > 0 ? `${index + 1}.` : ''}${term.metric}`;
  const change = (rule: PolicyRule, part: Partial<ConditionTerm>): PolicyRule => ({
    ...rule,
    condition: rule.condition.map((old, at) => (at === index ? { ...old, ...part } : old)),
  });
  const handles = [
    numeric(`${prefix}.for`, term.forMs, windowsMs, (rule, forMs) => change(rule, { forMs })),
  ];
  const { limit } = term;
  if (limit.kind === 'threshold') {
    handles.unshift(
      numeric(`${prefix}.factor`, limit.factor, multiples, (rule, factor) =>
        change(rule, { limit: { kind: 'threshold', factor } }),
      ),
    );
  } else if (!metric.isFlag) {
    const shown = Number((limit.value / scaleOf(metric)).toPrecision(9));
    handles.unshift(
      numeric(`${prefix}.limit`, shown, limitsOf(metric, shown), (rule, value) =>
        change(rule, { limit: { kind: 'constant', value: value * scaleOf(metric) } }),
      ),
    );
  }
  return handles;
}

/** Around the present value where the metric has no natural scale. */
function limitsOf(metric: PolicyMetric, value: number): readonly number[] {
  if (metric.isPercent) return percents;
  if (metric.name.endsWith('_ratio')) return ratios;
  if (metric.name.includes('_ms_')) return millis;
  return [0.5, 0.75, 1.5, 2].map((factor) => Number((value * factor).toPrecision(3)));
}

function actionHandle(rule: PolicyRule): Handle {
  const value = rule.actions.map(({ kind }) => kind).join('+');
  const choices = actionChoices[rule.target.kind].map((kinds) => kinds.join('+'));
  return {
    name: `${rule.name}.action`,
    kind: 'categorical',
    value,
    values: choices.includes(value) ? choices : [value, ...choices],
    turn: (old, choice) => ({
      ...old,
      actions: String(choice)
        .split('+')
        .map((kind): ActionSpec => {
          const same = old.actions.find((spec) => spec.kind === kind);
          return (
            same ?? { kind: kind as ActionKind, parameters: defaultParameters(kind as ActionKind) }
          );
        }),
    }),
  };
}

function numeric(
  name: string,
  value: number,
  legal: readonly number[],
  turn: (rule: PolicyRule, value: number) => PolicyRule,
): Handle {
  const values = [...new Set([...legal, value])].sort((a, b) => a - b);
  return {
    name,
    kind: 'numeric',
    value,
    values,
    turn: (rule, turned) => turn(rule, turned as number),
  };
}
