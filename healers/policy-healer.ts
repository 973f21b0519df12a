import {
  type Action,
  type ActionOutcome,
  type Healer,
  type HealerContext,
  type Incident,
  nodesOfZone,
  type Plan,
} from '../core/observable/index.ts';
import type { Entity } from './entities.ts';
import { isStandingRule, matchRule, type RuleMatch, type RuleQuestion } from './match-rule.ts';
import type { ActionSpec, Fallback, PolicyRule, PolicySet } from './policy-set.ts';

/** What the healer is doing about one incident. */
interface Treatment {
  readonly rule: PolicyRule;
  readonly startedAtMs: number;
  readonly plannedAtMs: number;
  readonly fallbacksUsed: number;
  /** Steps of the last plan still to be heard of, and whether any of them changed something. */
  readonly awaited: Set<string>;
  changedAnything: boolean;
}

/** Treatments of standing rules, which have no incident, are kept under this key. */
const noIncident = '';

/**
 * Follows policy rules: per incident one plan at a time, then the effect is waited for, then the
 * rule's fall-backs. It fails when the diagnosis is wrong and no condition contradicts it. One
 * decision costs rules × candidate entities × scrapes of the longest window.
 */
export function createPolicyHealer(policies: PolicySet): Healer {
  return new PolicyHealer(policies);
}

class PolicyHealer implements Healer {
  readonly name = 'policy';
  readonly #rules: readonly PolicyRule[];
  /** Since when a rule has matched at each scrape, per incident and rule. */
  readonly #matchedSince = new Map<string, number>();
  readonly #treatments = new Map<string, Treatment>();
  /** When a rule last acted on a target. */
  readonly #lastUse = new Map<string, number>();
  /** Uses that changed nothing; pointless to repeat while incidents are open. */
  readonly #pointless = new Set<string>();
  /**
   * Drains that a disruption budget held up, by target; they are asked for again at each scrape.
   */
  readonly #heldUp = new Map<string, Plan>();
  /** The plan that each target's drain came from. */
  readonly #drainPlans = new Map<string, Plan>();
  /**
   * While nodes or zones are being emptied, symptoms elsewhere say little: only higher rules act.
   */
  #rearranging = { untilMs: Number.NEGATIVE_INFINITY, priority: 0 };

  constructor(policies: PolicySet) {
    this.#rules = [...policies.rules].sort((a, b) => b.priority - a.priority);
  }

  decide(context: HealerContext): readonly Plan[] {
    this.#forgetClosed(context.incidents);
    const plans = [...this.#heldUp.values()].map((plan) => ({ ...plan, atMs: context.atMs }));
    this.#heldUp.clear();
    for (const incident of [...context.incidents, null]) {
      const plan = this.#planFor(incident, this.#match(incident, context), context);
      if (plan) plans.push(plan);
    }
    return plans;
  }

  observe(outcome: ActionOutcome): void {
    const { action } = outcome;
    if (action.kind === 'drain') {
      const plan = this.#drainPlans.get(action.target);
      if (plan && outcome.outcome === 'partial') {
        this.#heldUp.set(action.target, { ...plan, steps: [action] });
      }
    }
    for (const treatment of this.#treatments.values()) {
      if (!treatment.awaited.delete(stepKey(action))) continue;
      treatment.changedAnything ||= outcome.outcome === 'done' || outcome.outcome === 'partial';
      if (outcome.outcome === 'no_change') this.#pointless.add(useKey(treatment.rule, action));
      return;
    }
  }

  #forgetClosed(incidents: readonly Incident[]): void {
    if (incidents.length === 0) this.#pointless.clear();
    const open = new Set([noIncident, ...incidents.map((incident) => incident.id)]);
    for (const id of this.#treatments.keys()) if (!open.has(id)) this.#treatments.delete(id);
    for (const key of this.#matchedSince.keys()) {
      if (!open.has(key.slice(0, key.indexOf('\n')))) this.#matchedSince.delete(key);
    }
  }

  /** The rules that hold now, highest priority first; keeps count of since when. */
  #match(incident: Incident | null, context: HealerContext): ReadonlyMap<PolicyRule, RuleMatch> {
    const matches = new Map<PolicyRule, RuleMatch>();
    for (const rule of this.#rules) {
      if (isStandingRule(rule) !== (incident === null)) continue;
      const key = `${incident?.id ?? noIncident}\n${rule.name}`;
      const match = matchRule(questionOf(rule), incident, context);
      if (!match) {
        this.#matchedSince.delete(key);
        continue;
      }
      const sinceMs = this.#matchedSince.get(key) ?? context.atMs;
      this.#matchedSince.set(key, sinceMs);
      if (context.atMs - sinceMs >= rule.forMs) matches.set(rule, match);
    }
    return matches;
  }

  /** While an earlier plan settles, only rules of higher priority than its own may act. */
  #planFor(
    incident: Incident | null,
    matches: ReadonlyMap<PolicyRule, RuleMatch>,
    context: HealerContext,
  ): Plan | null {
    const { atMs } = context;
    const treatment = this.#treatments.get(incident?.id ?? noIncident);
    let outranks = Number.NEGATIVE_INFINITY;
    if (atMs < this.#rearranging.untilMs) outranks = this.#rearranging.priority;
    if (treatment) {
      const cameToNothing = treatment.awaited.size === 0 && !treatment.changedAnything;
      if (!cameToNothing && atMs < treatment.plannedAtMs + treatment.rule.settleMs) {
        outranks = Math.max(outranks, treatment.rule.priority);
      } else if (treatment.rule.priority > outranks) {
        const now = { incident, matches, context };
        const fallback = this.#planFallback(treatment, cameToNothing, now);
        if (fallback) return fallback;
      }
    }
    for (const [rule, match] of matches) {
      if (rule.priority <= outranks) break;
      const entities = match.entities.filter((entity) => this.#isRested(rule, entity, atMs));
      if (entities.length === 0) continue;
      const found = { ...match, entities };
      return this.#commit(rule, rule.actions, found, { incident, context, previous: null });
    }
    return null;
  }

  #planFallback(
    treatment: Treatment,
    isDueNow: boolean,
    now: {
      incident: Incident | null;
      matches: ReadonlyMap<PolicyRule, RuleMatch>;
      context: HealerContext;
    },
  ): Plan | null {
    const { rule, fallbacksUsed } = treatment;
    const fallback: Fallback | undefined = rule.fallbacks[fallbacksUsed];
    const { incident, context } = now;
    if (!fallback || !now.matches.has(rule)) return null;
    if (!isDueNow && context.atMs < treatment.startedAtMs + fallback.afterMs) return null;
    const { target, actions, condition: extraCondition } = fallback;
    const question = { rule, target, actions, extraCondition };
    const match = matchRule(question, incident, context);
    if (!match) return null;
    return this.#commit(rule, fallback.actions, match, { incident, context, previous: treatment });
  }

  #isRested(rule: PolicyRule, entity: Entity, atMs: number): boolean {
    const key = useKey(rule, entity);
    const lastMs = this.#lastUse.get(key);
    if (this.#pointless.has(key)) return false;
    return lastMs === undefined || atMs - lastMs >= rule.cooldownMs;
  }

  #commit(
    rule: PolicyRule,
    actions: readonly ActionSpec[],
    match: RuleMatch,
    now: { incident: Incident | null; context: HealerContext; previous: Treatment | null },
  ): Plan | null {
    const { incident, context, previous } = now;
    const { atMs } = context;
    const steps = stepsOf(actions, match, context);
    if (steps.length === 0) return null;
    const incidentId = incident?.id ?? null;
    const plan: Plan = { atMs, incidentId, rule: rule.name, reason: match.reason, steps };
    this.#treatments.set(incidentId ?? noIncident, {
      rule,
      startedAtMs: previous?.startedAtMs ?? atMs,
      plannedAtMs: atMs,
      fallbacksUsed: previous ? previous.fallbacksUsed + 1 : 0,
      awaited: new Set(steps.map(stepKey)),
      changedAnything: false,
    });
    for (const entity of match.entities) this.#lastUse.set(useKey(rule, entity), atMs);
    for (const step of steps) {
      if (step.kind === 'drain') this.#drainPlans.set(step.target, plan);
      if (step.kind === 'drain' || step.kind === 'traffic_shift') {
        this.#rearranging = { untilMs: atMs + rule.settleMs, priority: rule.priority };
      }
    }
    return plan;
  }
}

function questionOf(rule: PolicyRule): RuleQuestion {
  return { rule, target: rule.target, actions: rule.actions, extraCondition: [] };
}

/** One use of a rule on a target. */
function useKey({ name }: PolicyRule, { target }: { readonly target: string }): string {
  return `${name}\n${target}`;
}

function stepKey({ kind, target }: Action): string {
  return `${kind} ${target}`;
}

/** One action per entity, kind after kind; cordon and drain of a zone become those of its nodes. */
function stepsOf(
  actions: readonly ActionSpec[],
  match: RuleMatch,
  { topology }: HealerContext,
): readonly Action[] {
  return actions.flatMap(({ kind, parameters }) =>
    match.entities.flatMap((entity): Action[] => {
      if (kind === 'traffic_shift') {
        const awayFromZone = entity.kind === 'zone' ? entity.name : match.zone;
        if (awayFromZone === null) return [];
        return [{ kind, target: entity.target, parameters: { ...parameters, awayFromZone } }];
      }
      if (entity.kind !== 'zone') return [{ kind, target: entity.target, parameters }];
      const nodes = nodesOfZone(topology, entity.name);
      return nodes.map((node) => ({ kind, target: `node/${node}`, parameters }));
    }),
  );
}
