import type { ClusterApi, ObjectRef } from '../../core/observable/index.ts';
import type { Fault } from '../../core/truth/index.ts';
import type { Hold } from '../impairments/impairment.ts';

/** The hand that writes benign changes, too. */
const person = { fieldManager: 'kubectl-edit' };

/** What a ConfigMap said before: nothing where the key, or the whole object, was missing. */
export interface SwitchNote {
  readonly existed: boolean;
  readonly value: string | null;
}

/** `config: namespace/name/key=value` of a fault; null where it has none. */
export function readHold({ parameters }: Fault): Hold | null {
  const match = /^([^/]+)\/([^/]+)\/([^=]+)=(.*)$/.exec(String(parameters.config ?? ''));
  if (!match) return null;
  const [, namespace = '', name = '', key = '', value = ''] = match;
  return { namespace, name, key, value };
}

function refOf({ namespace, name }: Hold): ObjectRef<'ConfigMap'> {
  return { kind: 'ConfigMap', namespace, name };
}

/** Writes the value as a person with kubectl does; null where nobody can tell what was there. */
export async function takeHold(cluster: ClusterApi, hold: Hold): Promise<SwitchNote | null> {
  const { namespace, name, key, value } = hold;
  const found = await cluster.get(refOf(hold));
  if (!found.ok) {
    if (found.status.code !== 404) return null;
    await cluster.create(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace, name },
        data: { [key]: value },
      },
      person,
    );
    return { existed: false, value: null };
  }
  await write(cluster, hold, value);
  return { existed: true, value: found.object.data?.[key] ?? null };
}

/** Puts the value back, unless somebody has changed it since. */
export async function releaseHold(
  cluster: ClusterApi,
  hold: Hold,
  { existed, value }: SwitchNote,
): Promise<void> {
  if ((await isHeld(cluster, hold)) === false) return;
  if (existed) await write(cluster, hold, value);
  else await cluster.remove(refOf(hold), person);
}

/** Whether the ConfigMap still says so; null where nobody can tell. */
export async function isHeld(cluster: ClusterApi, hold: Hold): Promise<boolean | null> {
  const found = await cluster.get(refOf(hold));
  if (!found.ok) return found.status.code === 404 ? false : null;
  return found.object.data?.[hold.key] === hold.value;
}

async function write(cluster: ClusterApi, hold: Hold, value: string | null): Promise<void> {
  const patch = { type: 'merge', body: { data: { [hold.key]: value } } } as const;
  await cluster.patch(refOf(hold), patch, person);
}
