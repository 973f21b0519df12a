import type { ObjectEdit } from '../../core/truth/index.ts';
import { type EverydayKind, type Happening, pick } from './everyday-kind.ts';
import type { EverydayPlaces } from './everyday-places.ts';

/**
 * Somebody changes a setting by hand: another log level, a longer shutdown, a note on a Service.
 */
export const changeByHand: EverydayKind = ({ redundant }, { place, size, ordinal }) => {
  const service = pick(redundant, place);
  if (service === undefined) return null;
  const edit = pick(handEdits, size)?.(service, ordinal);
  if (edit === undefined) return null;
  const target = `service/${service.name}`;
  return { kind: 'object_edit', target, parameters: {}, edits: [edit], durationMs: null };
};

type Redundant = EverydayPlaces['redundant'][number];

const logLevels = ['info', 'warn', 'debug'] as const;

const handEdits: readonly ((service: Redundant, ordinal: number) => ObjectEdit)[] = [
  ({ namespace, workload, container }, ordinal) => {
    const env = [{ name: 'LOG_LEVEL', value: logLevels[ordinal % logLevels.length] }];
    return patchDeployment({ namespace, workload }, { containers: [{ name: container, env }] });
  },
  ({ namespace, workload }, ordinal) =>
    patchDeployment(
      { namespace, workload },
      { terminationGracePeriodSeconds: 31 + (ordinal % 30) },
    ),
  ({ namespace, name }, ordinal) => ({
    verb: 'patch',
    object: { kind: 'Service', namespace, name },
    patch: { type: 'merge', body: { metadata: { annotations: { note: `reviewed ${ordinal}` } } } },
  }),
];

function patchDeployment(
  { namespace, workload }: { readonly namespace: string; readonly workload: string },
  podSpec: Readonly<Record<string, unknown>>,
): ObjectEdit {
  return {
    verb: 'patch',
    object: { kind: 'Deployment', namespace, name: workload },
    patch: { type: 'strategic', body: { spec: { template: { spec: podSpec } } } },
  };
}

/** Another number of pods, and the old one afterwards. */
export function replicasFor(
  { name, namespace, workload }: Redundant,
  replicas: number,
  durationMs: number,
): Happening {
  const edit: ObjectEdit = {
    verb: 'patch',
    object: { kind: 'Deployment', namespace, name: workload },
    patch: { type: 'merge', body: { spec: { replicas } } },
  };
  const target = `service/${name}`;
  return { kind: 'object_edit', target, parameters: {}, edits: [edit], durationMs };
}
