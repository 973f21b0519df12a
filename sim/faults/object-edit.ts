import type { ApiResult, ClusterApi, KubernetesObject } from '../../core/observable/index.ts';
import { InputError } from '../../core/tools/index.ts';
import { editedObject, type ObjectEdit, playEdit } from '../../core/truth/index.ts';
import type { FaultEffect } from './effect.ts';
import { takeBack } from './take-back.ts';

/** The hand that writes benign changes, too. */
const person = { fieldManager: 'kubectl-edit' };

/** Null where there was no object. */
interface Change {
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
      // A benign change of what somebody has deleted has nothing to do.
      if (fault.faultClass === null && before === null && edit.verb === 'patch') continue;
      const result = await playEdit(cluster, edit, person);
      if (!result.ok) {
        throw new InputError(`object_edit on ${fault.target}: ${refusal(result)}`, {
          hint: 'an edit must be one that the API accepts at that time',
        });
      }
      changes.push({ before, after: await snapshot(cluster, edit) });
    }
    return { changes };
  },
  async end(fault, { changes }, { cluster }) {
    const edits = fault.edits ?? [];
    for (let i = changes.length - 1; i >= 0; i -= 1) {
      await restore(cluster, edits[i] as ObjectEdit, changes[i] as Change);
    }
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

async function restore(
  cluster: ClusterApi,
  edit: ObjectEdit,
  { before, after }: Change,
): Promise<void> {
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

function refusal(result: ApiResult<KubernetesObject>): string {
  return result.ok ? '' : (result.status.message ?? 'refused');
}
