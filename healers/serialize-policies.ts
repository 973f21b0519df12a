import { renderDuration, renderYaml } from '../core/tools/index.ts';
import { actionParameters } from './action-parameters.ts';
import { renderTargetSpec } from './action-target.ts';
import { renderCondition } from './condition-language.ts';
import type { ActionSpec, PolicyRule, PolicySet } from './policy-set.ts';

/** Writes a policy set as the ConfigMap that {@link parsePolicies} reads back to the same rules. */
export function serializePolicies(policies: PolicySet): string {
  const inner = renderYaml({ policies: policies.rules.map(ruleToYaml) });
  const metadata = policies.namespace
    ? { name: policies.name, namespace: policies.namespace }
    : { name: policies.name };
  return renderYaml({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { 'policies.yaml': inner },
  });
}

function ruleToYaml(rule: PolicyRule): Record<string, unknown> {
  const { diagnosis, severities } = rule;
  return {
    name: rule.name,
    ...(rule.priority !== 0 && { priority: rule.priority }),
    ...(rule.condition.length > 0 && { condition: renderCondition(rule.condition) }),
    ...(diagnosis && { diagnosis: { class: diagnosis.classes, min_weight: diagnosis.minWeight } }),
    ...(severities && { incident: { severity: severities } }),
    ...(rule.releaseWithinMs !== null && {
      release: { changed_within: renderDuration(rule.releaseWithinMs) },
    }),
    ...(rule.forMs > 0 && { for: renderDuration(rule.forMs) }),
    ...(rule.threshold !== null && { threshold: rule.threshold }),
    target: renderTargetSpec(rule.target),
    ...actionsToYaml(rule.actions),
    cooldown: renderDuration(rule.cooldownMs),
    settle: renderDuration(rule.settleMs),
    ...(rule.fallbacks.length > 0 && {
      // biome-ignore lint/suspicious/noThenProperty: the file format's word for what comes next.
      then: rule.fallbacks.map((fallback) => ({
        after: renderDuration(fallback.afterMs),
        ...(fallback.condition.length > 0 && { condition: renderCondition(fallback.condition) }),
        target: renderTargetSpec(fallback.target),
        ...actionsToYaml(fallback.actions),
      })),
    }),
  };
}

function actionsToYaml(actions: readonly ActionSpec[]): Record<string, unknown> {
  const items = actions.map(({ kind, parameters }) => {
    const settings = actionParameters[kind].flatMap(({ yamlName, name }) =>
      parameters[name] === undefined ? [] : [[yamlName, parameters[name]] as const],
    );
    return { type: kind, ...Object.fromEntries(settings) };
  });
  return items.length === 1 ? { action: items[0] } : { actions: items };
}
