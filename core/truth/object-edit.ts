import type {
  ApiResult,
  ClusterApi,
  KubernetesObject,
  ObjectRef,
  Patch,
  WriteOptions,
} from '../observable/index.ts';

/** One write through the Kubernetes API, as anybody with kubectl could make it. */
export type ObjectEdit =
  | { readonly verb: 'patch'; readonly object: ObjectRef; readonly patch: Patch }
  | { readonly verb: 'delete'; readonly object: ObjectRef }
  | { readonly verb: 'create'; readonly manifest: KubernetesObject }
  /** Makes the object what the manifest says, whether or not it exists. */
  | { readonly verb: 'apply'; readonly manifest: KubernetesObject };

/** The object an edit is about. */
export function editedObject(edit: ObjectEdit): ObjectRef {
  if (edit.verb === 'patch' || edit.verb === 'delete') return edit.object;
  const { kind, metadata } = edit.manifest;
  return {
    kind: kind as ObjectRef['kind'],
    name: metadata?.name ?? '',
    ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
  };
}

/** Plays one edit; what the API refuses comes back as its Status. */
export async function playEdit(
  cluster: ClusterApi,
  edit: ObjectEdit,
  options: WriteOptions,
): Promise<ApiResult<KubernetesObject>> {
  switch (edit.verb) {
    case 'patch':
      return cluster.patch(edit.object, edit.patch, options);
    case 'delete':
      return cluster.remove(edit.object, options);
    case 'create':
      return cluster.create(edit.manifest, options);
    case 'apply': {
      const found = await cluster.get(editedObject(edit));
      if (!found.ok) return cluster.create(edit.manifest, options);
      return cluster.replace(edit.manifest, options);
    }
  }
}
