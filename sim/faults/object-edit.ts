import type { ClusterApi, KubernetesObject, Status } from '../../core/observable/index.ts';
import { InputError } from '../../core/tools/index.ts';
import { editedObject, type Fault, type ObjectEdit, playEdit } from '../../core/truth/index.ts';
import type { FaultEffect } from './effect.ts';
import { takeBack } from './take-back.ts';

/** The hand that writes benign changes, too. */
const person = { fieldManager: 'kubectl-edit' };

/** One edit that was made; null where there was no object. */
interface Change {
  readonly edit: ObjectEdit;
  readonly before: KubernetesObject | null;
  readonly after: KubernetesObject | null;
}

interface EditNote {
  readonly changes: readonly Change[];
}

/**
 * Writes to Kubernetes objects as a person with kubectl does; its end takes back what it changed
 * and nobody has changed since. Whatever follows is up to the controllers. An edit that the API
 * refuses is an {@link InputError}.
 */
export const objectEdit: FaultEffect<EditNote> = {
  async begin(fault, { cluster }) {
    const changes: Change[] = [];
    for (const edit of fault.edits ?? []) {
      const before = await snapshot(cluster, edit);
      const result = await playEdit(cluster, edit, person);
      if (result.ok) changes.push({ edit, before, after: await snapshot(cluster, edit) });
      // Whoever makes a benign change gives up when it is refused: the object may be gone by now.
      else if (fault.faultClass !== null) throw refused(fault, result.status);
    }
    return { changes };
  },
  async end(_fault, { changes }, { cluster }) {
    for (const change of changes.toReversed()) await restore(cluster, change);
  },
};

async function snapshot(cluster: ClusterApi, edit: ObjectEdit): Promise<KubernetesObject | null> {
  const found = await cluster.get(editedObject(edit));
  return found.ok ? desiredPart(found.object) : null;
}

/** What somebody wanted of the object, without what the API server and controllers wrote. */
function desiredPart(object: KubernetesObject): KubernetesObject {
  const { status: _, ...rest } = object as KubernetesObject & { status?: unknown };
  const { name, namespace, labels, annotations } = rest.metadata ?? {};
  return {
    ...rest,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  } as KubernetesObject;
}

async function restore(cluster: ClusterApi, { edit, before, after }: Change): Promise<void> {
  const object = editedObject(edit);
  const found = await cluster.get(object);
  if (before === null) {
    if (found.ok) await cluster.remove(object, person);
  } else if (!found.ok) {
    await cluster.create(before, person);
  } else {
    const now = desiredPart(found.object);
    await cluster.replace(takeBack(now, before, after ?? now) as KubernetesObject, person);
  }
}

function refused({ target }: Fault, { message }: Status): InputError {
  return new InputError(`object_edit on ${target}: ${message ?? 'refused'}`, {
    hint: 'an edit must be one that the API accepts at that time',
  });
}
