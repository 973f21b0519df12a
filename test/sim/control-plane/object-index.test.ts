import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import { ownedBy, podsSelectedBy, selectorsFor } from '../../../sim/control-plane/object-index.ts';
import { matchesLabels } from '../../../sim/control-plane/selectors.ts';
import { type Cluster, objectsOf } from '../../../sim/control-plane/state.ts';
import { copyState, createState } from '../../../sim/control-plane/state-copy.ts';
import { dropObject, insertObject, updateObject } from '../../../sim/control-plane/store.ts';

type Pod = KindMap['Pod'];
type Labels = Readonly<Record<string, string>>;

function emptyCluster(): Cluster {
  const setup = { services: new Map(), nodeSpecs: new Map() } as unknown as Cluster['setup'];
  return { setup, state: createState(0) };
}

function addPod(cluster: Cluster, name: string, labels: Labels, owner = 'set-1'): Pod {
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true },
  ];
  const metadata = { name, namespace: 'shop', labels, ownerReferences };
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } };
  return insertObject(cluster, pod, 'test');
}

function addService(cluster: Cluster, name: string, selector: Labels): KindMap['Service'] {
  const metadata = { name, namespace: 'shop' };
  return insertObject(
    cluster,
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector } },
    'test',
  );
}

const namesOf = (pods: readonly Pod[]): (string | undefined)[] =>
  pods.map(({ metadata }) => metadata?.name);

/** What the index has to say, by looking at all pods. */
function scan(cluster: Cluster, selector: Labels): (string | undefined)[] {
  const pods = [...objectsOf(cluster, 'Pod').values()];
  return namesOf(pods.filter(({ metadata }) => matchesLabels(selector, metadata?.labels)));
}

describe('the index of objects', () => {
  it('finds what a look at all pods finds, in order of creation, whatever was written', () => {
    const cluster = emptyCluster();
    const both = addService(cluster, 'both', { app: 'web', track: 'stable' });
    const web = addService(cluster, 'web', { app: 'web' });
    const pods = ['a', 'b', 'c', 'd', 'e'].map((name, i) =>
      addPod(cluster, name, { app: i % 2 ? 'db' : 'web', track: i < 3 ? 'stable' : 'canary' }),
    );
    const check = (): void => {
      for (const service of [both, web]) {
        const selector = service.spec?.selector as Labels;
        expect(namesOf(podsSelectedBy(cluster, service))).toEqual(scan(cluster, selector));
      }
    };
    check();
    expect(namesOf(podsSelectedBy(cluster, web))).toEqual(['a', 'c', 'e']);
    // A pod that comes under a label late stands where it was created.
    const second = pods[1] as Pod;
    const labels = { app: 'web', track: 'stable' };
    updateObject(cluster, second, { ...second, metadata: { ...second.metadata, labels } }, 'test');
    check();
    expect(namesOf(podsSelectedBy(cluster, web))).toEqual(['a', 'b', 'c', 'e']);
    dropObject(cluster, pods[2] as Pod);
    check();
  });

  it('finds pods by owner and Services by the pods they select', () => {
    const cluster = emptyCluster();
    addService(cluster, 'web', { app: 'web' });
    addService(cluster, 'canary', { track: 'canary', app: 'web' });
    addPod(cluster, 'a', { app: 'web' });
    addPod(cluster, 'b', { app: 'web' }, 'set-2');
    expect(namesOf(ownedBy(cluster, 'Pod', 'set-2'))).toEqual(['b']);
    const keysFor = (labels: Labels): string[] =>
      selectorsFor(cluster, 'Service', { namespace: 'shop', labels });
    expect(keysFor({ app: 'web' })).toEqual(['shop/web']);
    expect(keysFor({ app: 'web', track: 'canary' }).sort()).toEqual(['shop/canary', 'shop/web']);
    expect(keysFor({ app: 'db', track: 'canary' })).toEqual([]);
  });

  it('is copied by a fork and goes its own way there', () => {
    const cluster = emptyCluster();
    const web = addService(cluster, 'web', { app: 'web' });
    addPod(cluster, 'a', { app: 'web' });
    const fork: Cluster = { setup: cluster.setup, state: copyState(cluster.state) };
    addPod(fork, 'b', { app: 'web' });
    expect(namesOf(podsSelectedBy(cluster, web))).toEqual(['a']);
    expect(namesOf(podsSelectedBy(fork, web))).toEqual(['a', 'b']);
  });
});
