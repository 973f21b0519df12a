import type { ApiResult, KindMap } from '../../core/observable/index.ts';
import {
  afterWrite,
  done,
  type Effect,
  noChange,
  numberOf,
  type Order,
  refusedByApi,
  writeOptions,
} from './effect.ts';

type Autoscaler = KindMap['HorizontalPodAutoscaler'];

/** Replicas × factor, at most `maxReplicas`; as `kubectl scale` does it. */
export function scaleUp(order: Order): Promise<Effect> {
  const factor = numberOf(order.action, 'factor');
  const most = numberOf(order.action, 'maxReplicas');
  return scale(order, (current) => Math.max(current, Math.min(Math.ceil(current * factor), most)));
}

/** Replicas ÷ factor, at least `minReplicas`. */
export function scaleDown(order: Order): Promise<Effect> {
  const factor = numberOf(order.action, 'factor');
  const least = numberOf(order.action, 'minReplicas');
  return scale(order, (current) =>
    Math.min(current, Math.max(Math.floor(current / factor), least)),
  );
}

async function scale(order: Order, wantedFrom: (current: number) => number): Promise<Effect> {
  const { cluster, target } = order;
  const { namespace, name } = target;
  const found = await cluster.get({ kind: 'Deployment', namespace, name });
  if (!found.ok) return refusedByApi(found.status);
  const current = found.object.spec?.replicas ?? 1;
  const wanted = wantedFrom(current);
  const autoscalers = await cluster.list('HorizontalPodAutoscaler', { namespace });
  if (!autoscalers.ok) return refusedByApi(autoscalers.status);
  const autoscaler = autoscalers.object.find(
    ({ spec }) => spec?.scaleTargetRef.kind === 'Deployment' && spec.scaleTargetRef.name === name,
  );
  if (autoscaler) return moveAutoscaler(order, autoscaler, { current, wanted });
  const before = { replicas: current };
  if (wanted === current) return noChange(`replicas stay at ${current}`, before);
  const result = await cluster.patch(
    { kind: 'Deployment', namespace, name },
    { type: 'merge', body: { spec: { replicas: wanted } } },
    writeOptions,
  );
  return afterWrite(result, () =>
    done(`replicas ${current} -> ${wanted}`, before, { replicas: wanted }),
  );
}

/**
 * An autoscaler would undo a change of the replicas within its next round, so its floor is moved
 * instead: it then scales by itself, and goes on above the floor as the load asks.
 */
async function moveAutoscaler(
  { cluster, target }: Order,
  { metadata, spec }: Autoscaler,
  { current, wanted }: { current: number; wanted: number },
): Promise<Effect> {
  const name = metadata?.name ?? '';
  const floor = spec?.minReplicas ?? 1;
  const ceiling = spec?.maxReplicas ?? wanted;
  const newFloor = Math.min(wanted, ceiling);
  const before = { replicas: current, minReplicas: floor };
  const limit =
    wanted > ceiling ? ` (its maxReplicas ${ceiling} is below the wanted ${wanted})` : '';
  const isUp = wanted >= current;
  if (newFloor === floor || (isUp && newFloor < floor) || (isUp && wanted === current)) {
    return noChange(`autoscaler ${name} keeps its minReplicas ${floor}${limit}`, before);
  }
  const result: ApiResult<Autoscaler> = await cluster.patch(
    { kind: 'HorizontalPodAutoscaler', namespace: target.namespace, name },
    { type: 'merge', body: { spec: { minReplicas: newFloor } } },
    writeOptions,
  );
  return afterWrite(result, () =>
    done(
      `autoscaler ${name} owns the replicas: minReplicas ${floor} -> ${newFloor}${limit}`,
      before,
      { replicas: Math.max(current, newFloor), minReplicas: newFloor },
    ),
  );
}
