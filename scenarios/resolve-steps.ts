import type {
  Action,
  ActionKind,
  ComponentId,
  KubernetesObject,
  ObjectRef,
  Procedure,
} from '../core/observable/index.ts';
import {
  componentKind,
  componentName,
  deploymentTarget,
  runbookJob,
  targetKindsByAction,
} from '../core/observable/index.ts';
import { InputError, parseDurationMs, suggestNames } from '../core/tools/index.ts';
import {
  editedObject,
  type ObjectEdit,
  type StepTemplate,
  type TreatmentStep,
  type TwinSpec,
} from '../core/truth/index.ts';
import { replicasLimit } from './fields.ts';
import { fillTemplate, type Placeholders } from './fill-template.ts';
import { unknownPart } from './unknown-target.ts';

interface Context {
  readonly topology: TwinSpec;
  readonly words: Placeholders;
}

/** A step of a treatment for one seed; an action on a zone becomes one per node. */
export function resolveStep(
  template: StepTemplate,
  context: Context,
  ordinal: number,
): TreatmentStep[] {
  const step = fillTemplate(template, context.words);
  if ('wait' in step) return [{ waitMs: waitOf(step.wait) }];
  if ('run' in step) {
    const job = runbookJob(step.run as Procedure, step.target as ComponentId, ordinal);
    return [{ edit: { verb: 'create', manifest: job } }];
  }
  if (!('action' in step)) return [{ edit: toEdit(step, context) }];
  const kind = step.action as ActionKind;
  const parameters = (step.parameters ?? {}) as Action['parameters'];
  return actionTargets(kind, String(step.target), context.topology).map((target) => ({
    action: { kind, target, parameters },
  }));
}

/**
 * Refuses the target of an action or a procedure that is of a wrong kind or not in the topology.
 */
export function checkStepTarget(template: StepTemplate, { topology, words }: Context): void {
  if (!('action' in template) && !('run' in template)) return;
  const target = String(fillTemplate(template.target, words));
  if ('action' in template) {
    const kind = template.action as ActionKind;
    const given = componentKind(target);
    const legal = targetKindsByAction[kind].map((one) => (one === 'deployment' ? 'service' : one));
    if (!legal.some((one) => one === given)) {
      throw new InputError(`${kind} needs a ${legal.join(' or ')}, got "${target}"`);
    }
    if (target === 'service/*') return;
  }
  const unknown = unknownPart(topology, target);
  if (unknown === null) return;
  throw new InputError(`unknown ${unknown.kind} "${unknown.name}" in topology ${topology.name}`, {
    hint: suggestNames(unknown.name, unknown.known),
  });
}

/** The schema has read a wait already; only a placeholder comes as text. */
function waitOf(wait: unknown): number {
  return typeof wait === 'number' ? wait : parseDurationMs(String(wait));
}

/** Component ids become the targets that actions take. */
function actionTargets(kind: ActionKind, target: string, topology: TwinSpec): string[] {
  const name = componentName(target);
  switch (componentKind(target)) {
    case 'service': {
      const services = topology.services.filter(
        (entry) => entry.name === name || (name === '*' && entry.kind === 'service'),
      );
      return services.map(deploymentTarget);
    }
    case 'zone':
      if (kind === 'traffic_shift') return [target];
      return topology.nodes.filter((node) => node.zone === name).map((node) => `node/${node.name}`);
    default:
      return [target];
  }
}

/** An edit of an `object_edit` or a treatment for one seed. */
export function resolveEdit(template: StepTemplate, context: Context): ObjectEdit {
  return toEdit(fillTemplate(template, context.words), context);
}

function toEdit(step: StepTemplate, context: Context): ObjectEdit {
  const edit = readEdit(step, context);
  refuseManyPods(edit);
  return edit;
}

/** Whatever an edit writes, it may not ask for more pods than a run could play. */
function refuseManyPods(edit: ObjectEdit): void {
  if (edit.verb === 'delete') return;
  const written = edit.verb === 'patch' ? edit.patch.body : edit.manifest;
  const counts = Array.isArray(written)
    ? written.map((operation) => [String(operation.path).split('/').at(-1), operation.value])
    : Object.entries((written as { spec?: object }).spec ?? {});
  for (const [field, count] of counts) {
    if (!podCounts.has(String(field)) || !(Number(count) > replicasLimit)) continue;
    throw new InputError(
      `${field}: expected ${replicasLimit} or less, got ${JSON.stringify(count)}`,
    );
  }
}

/** What says how many pods a Deployment, an autoscaler or a Job has. */
const podCounts: ReadonlySet<string> = new Set([
  'replicas',
  'minReplicas',
  'maxReplicas',
  'parallelism',
  'completions',
]);

function readEdit(step: StepTemplate, context: Context): ObjectEdit {
  if ('create' in step) return { verb: 'create', manifest: step.create as KubernetesObject };
  if ('delete' in step) return { verb: 'delete', object: toRef(String(step.delete), context) };
  if ('apply' in step) {
    const object = toRef(String(step.apply), context);
    return { verb: 'apply', manifest: shippedManifest(object, context) };
  }
  const object = toRef(String(step.patch), context);
  if ('json' in step) {
    return { verb: 'patch', object, patch: { type: 'json', body: step.json as never } };
  }
  const type = 'merge' in step ? 'merge' : 'strategic';
  return { verb: 'patch', object, patch: { type, body: (step.merge ?? step.with) as never } };
}

const clusterScoped: ReadonlySet<string> = new Set([
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'StorageClass',
  'ValidatingWebhookConfiguration',
]);

/** `Kind/name` is in the target's namespace, `Kind/namespace/name` says its own. */
function toRef(text: string, { words }: Context): ObjectRef {
  const [kind, ...names] = text.split('/') as [ObjectRef['kind'], ...string[]];
  if (clusterScoped.has(kind)) return { kind, name: names[0] ?? '' };
  const [namespace, name] =
    names.length > 1 ? names : [String(words.namespace ?? 'default'), names[0]];
  return { kind, namespace: namespace ?? '', name: name ?? '' };
}

function shippedManifest(object: ObjectRef, { topology }: Context): KubernetesObject {
  const manifest = topology.objects.find((entry) => {
    const { kind, namespace, name } = editedObject({ verb: 'apply', manifest: entry });
    return kind === object.kind && name === object.name && namespace === object.namespace;
  });
  if (manifest) return manifest;
  throw new InputError(
    `apply: the manifests of ${topology.name} hold no ${object.kind} "${object.name}"`,
  );
}
