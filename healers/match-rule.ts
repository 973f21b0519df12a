import type { Diagnosis, HealerContext, Incident, Suspect } from '../core/observable/index.ts';
import { formatDuration } from '../core/tools/index.ts';
import { renderCondition } from './condition-language.ts';
import { allEntities, type Entity, entitiesOf, namedEntity } from './entities.ts';
import { holds } from './evaluate-condition.ts';
import { newestRelease } from './newest-release.ts';
import type { ActionSpec, ConditionTerm, PolicyRule, TargetSpec } from './policy-set.ts';

/** What a rule found: whom to act on, and why. */
export interface RuleMatch {
  readonly entities: readonly Entity[];
  readonly reason: string;
  /** The zone that traffic should leave, where the trouble has one. */
  readonly zone: string | null;
}

/**
 * A rule's question, which its fall-backs ask again of another target or with a further condition.
 */
export interface RuleQuestion {
  readonly rule: PolicyRule;
  readonly target: TargetSpec;
  readonly extraCondition: readonly ConditionTerm[];
  readonly actions: readonly ActionSpec[];
}

/**
 * Whether a rule holds now for an incident (or, for a standing rule, without one); null: it does
 * not.
 */
export function matchRule(
  question: RuleQuestion,
  incident: Incident | null,
  context: HealerContext,
): RuleMatch | null {
  const { rule, target, extraCondition } = question;
  if (rule.severities && !(incident && rule.severities.includes(incident.severity))) return null;
  const suspects = rule.diagnosis ? matchingSuspects(rule, incident, context) : [];
  if (rule.diagnosis && suspects.length === 0) return null;
  const condition = [...rule.condition, ...extraCondition];
  const { metrics, atMs } = context;
  const fits = (entity: Entity): boolean =>
    isScalable(question, entity, context) &&
    holds(condition, { metrics, atMs, entity, threshold: rule.threshold }) &&
    isRecentlyReleased(rule, entity, context);
  const candidates = candidatesOf(target, suspects, incident, context).filter(fits);
  // A bare kind without diagnosis means one entity: the first of the incident's that fits.
  const isOne = target.name === null && !rule.diagnosis;
  const entities = isOne ? candidates.slice(0, 1) : candidates;
  if (entities.length === 0) return null;
  const reason = [
    ...suspects.slice(0, 1).map(describeSuspect),
    ...(condition.length > 0 ? [renderCondition(condition)] : []),
    ...(rule.releaseWithinMs === null
      ? []
      : [`release changed within ${formatDuration(rule.releaseWithinMs)}`]),
    ...(suspects.length === 0 && incident ? [`incident ${incident.id}`] : []),
  ].join('; ');
  return { entities, reason, zone: troubledZone(suspects, context) };
}

/** A rule that names its target and asks for no incident is evaluated at every scrape. */
export function isStandingRule(rule: PolicyRule): boolean {
  return rule.target.name !== null && !rule.diagnosis && !rule.severities;
}

/** Suspects of a wanted class; none unless the top suspect is one of them. */
function matchingSuspects(
  rule: PolicyRule,
  incident: Incident | null,
  context: HealerContext,
): readonly Suspect[] {
  const diagnosis: Diagnosis | undefined = context.diagnoses.find(
    ({ incidentId }) => incidentId === incident?.id,
  );
  const wanted = rule.diagnosis;
  const isWanted = ({ faultClass, weight }: Suspect): boolean =>
    wanted?.classes.includes(faultClass) === true && weight >= wanted.minWeight;
  const top = diagnosis?.suspects[0];
  return top && isWanted(top) ? (diagnosis?.suspects.filter(isWanted) ?? []) : [];
}

function candidatesOf(
  target: TargetSpec,
  suspects: readonly Suspect[],
  incident: Incident | null,
  context: HealerContext,
): readonly Entity[] {
  if (target.name === '*') return allEntities(target.kind, context);
  if (target.name !== null) {
    const entity = namedEntity(target.kind, target.name, target.namespace, context);
    return entity ? [entity] : [];
  }
  if (suspects.length > 0) return suspectEntities(target, suspects, context);
  if (!incident) return [];
  const components = [incident.component, ...incident.components];
  return unique(components.flatMap((id) => entitiesOf(id, target.kind, context)));
}

/**
 * Several suspects of one class are several failed nodes only when nodes are asked for; of
 * deployments and zones the best suspect alone is acted on, since a wrong second remedy costs more
 * than a late one.
 */
function suspectEntities(
  target: TargetSpec,
  suspects: readonly Suspect[],
  context: HealerContext,
): readonly Entity[] {
  const perSuspect = suspects.map(({ component }) => entitiesOf(component, target.kind, context));
  const found = perSuspect.filter((entities) => entities.length > 0);
  const isWholeZone = suspects[0]?.component.startsWith('zone/');
  return unique(target.kind === 'node' && !isWholeZone ? found.flat() : (found[0] ?? []));
}

/** More copies do not make a datastore bigger, so only a target that names one scales it. */
function isScalable(
  { target, actions }: RuleQuestion,
  entity: Entity,
  { topology }: HealerContext,
): boolean {
  const scales = actions.some(({ kind }) => kind === 'scale_up' || kind === 'scale_down');
  if (!scales || entity.kind !== 'deployment') return true;
  if (target.name !== null && target.name !== '*') return true;
  return topology.services.find(({ name }) => name === entity.name)?.kind !== 'datastore';
}

/** The service changed its release a short time ago and still runs it. */
function isRecentlyReleased(rule: PolicyRule, entity: Entity, context: HealerContext): boolean {
  if (rule.releaseWithinMs === null) return true;
  const newest = newestRelease(context.metrics, entity.name);
  if (newest === null || context.atMs - newest.sinceMs > rule.releaseWithinMs) return false;
  return context.pods.some((pod) => pod.service === entity.name && pod.release === newest.release);
}

function troubledZone(suspects: readonly Suspect[], context: HealerContext): string | null {
  for (const { component } of suspects) {
    const zone = entitiesOf(component, 'zone', context)[0];
    if (zone) return zone.name;
  }
  return null;
}

function describeSuspect({ faultClass, component, weight }: Suspect): string {
  return `diagnosis ${faultClass} of ${component} (weight ${weight.toFixed(2)})`;
}

function unique(entities: readonly Entity[]): readonly Entity[] {
  return [...new Map(entities.map((entity) => [entity.target, entity])).values()];
}
