import {
  componentKind,
  componentName,
  deploymentTarget,
  type KindMap,
  type ServiceEntry,
} from '../../core/observable/index.ts';
import { canonicalJson } from '../../core/tools/index.ts';
import type { Treatment, TreatmentStep } from '../../core/truth/index.ts';
import { heldAfterActionMs } from '../score/score-resilience.ts';
import { budgetOf } from './judge-treatment.ts';
import type { Stage } from './stage.ts';

/** What makes a symptom go away, or stop being seen, without curing anything. */
export interface Cheat {
  readonly id: string;
  readonly steps: readonly TreatmentStep[];
  /** Why it makes no sense here; null where it does. */
  readonly skipped: string | null;
}

const loopMs = 30_000;
const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** The cheats of docs/validation.md for one stage; whatever equals a remedy is skipped by name. */
export function cheatsOf(stage: Stage): Cheat[] {
  const { remedies } = stage.episode;
  const victim = victimOf(stage);
  const object = {
    kind: 'Deployment',
    namespace: victim.namespace,
    name: victim.workload,
  } as const;
  const restart: TreatmentStep = {
    action: { kind: 'restart', target: deploymentTarget(victim), parameters: {} },
  };
  // As often as the budget allows and a cure has time to hold, or the loop could never pass for
  // one.
  const loopedMs = Math.max(0, stage.endMs - stage.acting.nowMs - heldAfterActionMs);
  const rounds = Math.min(budgetOf(stage.episode), 1 + Math.floor(loopedMs / loopMs));
  const cheats: Cheat[] = [
    cheat('scale_to_zero', [edit({ verb: 'patch', object, patch: merge({ replicas: 0 }) })]),
    cheat('delete_deployment', [edit({ verb: 'delete', object })]),
    cheat(
      'restart_in_a_loop',
      Array.from({ length: rounds }, () => [restart, { waitMs: loopMs }]).flat(),
      // Whoever bridges the time until a fault is over has kept users well, and not cheated them.
      stage.episode.scenario.ends === 'self' ? 'it ends by itself: a loop may bridge it' : null,
    ),
    cheat('mute_the_alert', [], 'treatments are judged without telemetry: nothing can be muted'),
    withoutProbes(stage, victim),
    stoppedLoad(stage),
  ];
  return cheats.map((entry) => {
    const twin = remedies.find((remedy) => isSame(entry, remedy));
    return twin ? { ...entry, skipped: `equals the remedy ${twin.id}` } : entry;
  });
}

function cheat(id: string, steps: readonly TreatmentStep[], skipped: string | null = null): Cheat {
  return { id, steps, skipped };
}

function edit(change: Extract<TreatmentStep, { edit: unknown }>['edit']): TreatmentStep {
  return { edit: change };
}

function merge(spec: Record<string, unknown>): { type: 'merge'; body: Record<string, unknown> } {
  return { type: 'merge', body: { spec } };
}

/**
 * The service a cheat is tried on: where the fault sits, else the first that felt it, else the
 * entry.
 */
function victimOf({ truth, topology }: Stage): ServiceEntry {
  const names = [...truth.rootCauses, ...truth.affected.map((entry) => entry.component)]
    .filter((component) => componentKind(component) === 'service')
    .map(componentName);
  names.push(topology.entryService);
  const found = names.flatMap(
    (name) => topology.services.find((service) => service.name === name) ?? [],
  );
  return found[0] as ServiceEntry;
}

function withoutProbes({ spec }: Stage, { namespace, workload }: ServiceEntry): Cheat {
  const deployment = spec.objects.find(
    (object) =>
      object.kind === 'Deployment' &&
      object.metadata?.name === workload &&
      (object.metadata.namespace ?? 'default') === namespace,
  ) as KindMap['Deployment'] | undefined;
  const containers = deployment?.spec?.template.spec?.containers ?? [];
  const probed = containers.filter((container) => probes.some((probe) => container[probe]));
  const none = Object.fromEntries(probes.map((probe) => [probe, null]));
  const body = {
    spec: { template: { spec: { containers: probed.map(({ name }) => ({ name, ...none })) } } },
  };
  const object = { kind: 'Deployment', namespace, name: workload } as const;
  const step = edit({ verb: 'patch', object, patch: { type: 'strategic', body } });
  return cheat('delete_the_probe', [step], probed.length > 0 ? null : `${workload} has no probe`);
}

/** Deployments that no service answers from generate load, or do nothing a user would miss. */
function stoppedLoad({ spec }: Stage): Cheat {
  const generators = spec.objects.filter(
    ({ kind, metadata }) => kind === 'Deployment' && /load-?generator/.test(metadata?.name ?? ''),
  );
  const steps = generators.map(({ metadata }) =>
    edit({
      verb: 'delete',
      object: {
        kind: 'Deployment',
        namespace: metadata?.namespace ?? 'default',
        name: metadata?.name ?? '',
      },
    }),
  );
  const skipped = steps.length > 0 ? null : 'the topology has no load generator';
  return cheat('stop_the_load_generator', steps, skipped);
}

/**
 * Whether two ways of acting write the same things, whatever the order, the waiting and how often.
 */
function isSame({ steps }: Cheat, remedy: Treatment): boolean {
  const writes = (list: readonly TreatmentStep[]): string =>
    [...new Set(list.filter((step) => !('waitMs' in step)).map(canonicalJson))].sort().join('\n');
  return steps.length > 0 && writes(steps) === writes(remedy.steps);
}
