import type { ApiResult, KindMap } from '../../core/observable/index.ts';
import { admitNewPod } from './admission-chain.ts';
import { objectKey } from './kinds.ts';
import { nameSuffix } from './name-suffix.ts';
import { type Cluster, findObject } from './state.ts';
import { insertObject } from './store.ts';

type Pod = KindMap['Pod'];
type Owner = KindMap['ReplicaSet'] | KindMap['Job'];

const manager = 'kube-controller-manager';

/**
 * Makes a pod of an owner's template, if admission lets it; the name is free and follows the
 * owner's.
 */
export function createOwnedPod(cluster: Cluster, owner: Owner): ApiResult<Pod> {
  const { name = '', namespace = '', uid = '' } = owner.metadata ?? {};
  const template = owner.spec?.template;
  const { labels, annotations } = template?.metadata ?? {};
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: freeName(cluster, { namespace, prefix: `${name}-` }),
      generateName: `${name}-`,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [
        {
          apiVersion: owner.apiVersion ?? '',
          kind: owner.kind ?? '',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...(template?.spec === undefined ? {} : { spec: template.spec }),
  };
  const admitted = admitNewPod(cluster, pod);
  if (!admitted.ok) return admitted;
  return { ok: true, object: insertObject(cluster, admitted.object, manager) };
}

/**
 * A name that no pod has, drawn from the prefix and the number of pods its owner has tried to make.
 */
function freeName(
  cluster: Cluster,
  { namespace, prefix }: { namespace: string; prefix: string },
): string {
  const { ordinals } = cluster.state;
  const counter = `${namespace}/${prefix}`;
  for (;;) {
    const count = ordinals.get(counter) ?? 0;
    ordinals.set(counter, count + 1);
    const name = `${prefix}${nameSuffix(`${counter}${count}`)}`;
    if (!findObject(cluster, 'Pod', objectKey(namespace, name))) return name;
  }
}
