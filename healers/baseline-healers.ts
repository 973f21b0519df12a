import {
  type Action,
  type ActionKind,
  actionKinds,
  type Healer,
  type HealerContext,
  type Incident,
  nodesOfZone,
  type Plan,
  targetKindsByAction,
  zonesOf,
} from '../core/observable/index.ts';
import { createStream, type Stream } from '../core/tools/index.ts';
import { defaultParameters } from './action-parameters.ts';
import { targetKinds } from './action-target.ts';
import { type Entity, entitiesOf } from './entities.ts';

/** How long the random healer waits between two actions on one incident. */
const pauseMs = 120_000;

/** Never acts: what a healer must beat. */
export function createNoHealer(): Healer {
  return { name: 'none', decide: () => [], observe: () => undefined };
}

/**
 * Every two minutes an incident is open, one legal action drawn at random on a suspect drawn at
 * random: what a policy must beat to have learnt anything. Without suspects, on the incident
 * itself.
 */
export function createRandomHealer(seed: number): Healer {
  const stream = createStream(seed, 'healer/random');
  const lastMs = new Map<string, number>();
  return {
    name: 'random',
    decide: (context) =>
      context.incidents.flatMap((incident) => {
        const last = lastMs.get(incident.id);
        if (last !== undefined && context.atMs - last < pauseMs) return [];
        lastMs.set(incident.id, context.atMs);
        const plan = drawPlan(incident, context, stream);
        return plan ? [plan] : [];
      }),
    observe: () => undefined,
  };
}

function drawPlan(incident: Incident, context: HealerContext, stream: Stream): Plan | null {
  const suspects =
    context.diagnoses
      .find(({ incidentId }) => incidentId === incident.id)
      ?.suspects.map(({ component }) => component) ?? [];
  const components = suspects.length > 0 ? suspects : [incident.component];
  const component = components[stream.integer(components.length)] as string;
  const choices = targetKinds.flatMap((kind) =>
    entitiesOf(component, kind, context).flatMap((entity) =>
      actionKinds
        .filter((action) => targetKindsByAction[action].includes(kind))
        .map((action) => ({ action, entity })),
    ),
  );
  if (choices.length === 0) return null;
  const choice = choices[stream.integer(choices.length)] as (typeof choices)[number];
  const steps = stepsFor(choice.action, choice.entity, context, stream);
  const { atMs } = context;
  const reason = `drawn at random for ${component}`;
  return { atMs, incidentId: incident.id, rule: 'random', reason, steps };
}

function stepsFor(
  kind: ActionKind,
  entity: Entity,
  { topology }: HealerContext,
  stream: Stream,
): readonly Action[] {
  const parameters = defaultParameters(kind);
  if (kind === 'traffic_shift') {
    const zones = zonesOf(topology);
    const drawn = zones[stream.integer(zones.length)] as string;
    const awayFromZone = entity.kind === 'zone' ? entity.name : drawn;
    return [{ kind, target: entity.target, parameters: { awayFromZone } }];
  }
  if (entity.kind !== 'zone') return [{ kind, target: entity.target, parameters }];
  return nodesOfZone(topology, entity.name).map((node) => ({
    kind,
    target: `node/${node}`,
    parameters,
  }));
}
