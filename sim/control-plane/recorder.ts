import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { formatInstant, formatMicroInstant, hashText } from '../../core/tools/index.ts';
import { objectKey } from './kinds.ts';
import { type Cluster, findObject, objectsOf } from './state.ts';
import { insertObject, nowText, updateObject } from './store.ts';

/** The API server forgets events after an hour. */
const eventLifetimeUs = 3_600_000_000;

export interface Report {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Component name, e.g. `kubelet`. */
  readonly source: string;
  readonly host?: string;
  readonly fieldPath?: string;
}

/** Records an Event on an object; repeated ones raise `count` and `lastTimestamp`. */
export function recordEvent(cluster: Cluster, involved: KubernetesObject, report: Report): void {
  const { state } = cluster;
  const name = involved.metadata?.name ?? '';
  const namespace = involved.metadata?.namespace ?? '';
  state.events.push({
    atMs: state.nowUs / 1000,
    type: report.type,
    reason: report.reason,
    message: report.message,
    involved: { kind: involved.kind as string, namespace, name },
    source: report.source,
  });
  const eventName = `${name}.${seriesHash(involved, report)}`;
  const eventNamespace = namespace === '' ? 'default' : namespace;
  const key = objectKey(eventNamespace, eventName);
  const known = findObject(cluster, 'Event', key);
  const manager = report.source === 'kubelet' ? 'kubelet' : managerOf(report.source);
  if (known) {
    // Re-inserted at the end, so that the oldest events stay at the head and can be pruned there.
    const after = { ...known, count: (known.count ?? 1) + 1, lastTimestamp: nowText(cluster) };
    const stored = updateObject(cluster, known, after, manager);
    const events = state.objects.get('Event');
    events?.delete(key);
    events?.set(key, stored);
  } else {
    const metadata = { name: eventName, namespace: eventNamespace };
    insertObject(cluster, { ...eventBody(cluster, involved, report), metadata }, manager);
  }
  pruneEvents(cluster);
}

function eventBody(
  cluster: Cluster,
  involved: KubernetesObject,
  report: Report,
): Omit<KindMap['Event'], 'metadata'> {
  const isNewKind = report.source === 'default-scheduler';
  const { fieldPath } = report;
  const { namespace, uid, resourceVersion } = involved.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      ...(involved.kind === undefined ? {} : { kind: involved.kind }),
      ...(namespace === undefined ? {} : { namespace }),
      name: involved.metadata?.name ?? '',
      ...(uid === undefined ? {} : { uid }),
      ...(involved.apiVersion === undefined ? {} : { apiVersion: involved.apiVersion }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    reason: report.reason,
    message: report.message,
    type: report.type,
    ...(isNewKind ? newKindFields(cluster, report) : oldKindFields(cluster, report)),
  };
}

function newKindFields({ state }: Cluster, report: Report): Partial<KindMap['Event']> {
  return {
    source: {},
    eventTime: formatMicroInstant(state.nowUs / 1000),
    action: report.reason === 'Scheduled' ? 'Binding' : 'Scheduling',
    reportingComponent: report.source,
    reportingInstance: `${report.source}-control-plane`,
  };
}

function oldKindFields(cluster: Cluster, report: Report): Partial<KindMap['Event']> {
  const { source: component, host } = report;
  return {
    source: host === undefined ? { component } : { component, host },
    firstTimestamp: nowText(cluster),
    lastTimestamp: nowText(cluster),
    count: 1,
    reportingComponent: component,
    reportingInstance: host ?? '',
  };
}

function managerOf(source: string): string {
  return source === 'default-scheduler' ? 'kube-scheduler' : 'kube-controller-manager';
}

function seriesHash(involved: KubernetesObject, { reason, message, source }: Report): string {
  const series = `${involved.kind}/${involved.metadata?.uid}/${reason}/${message}/${source}`;
  return (
    hashText(series).toString(16).padStart(8, '0') +
    hashText(`${series}#`).toString(16).padStart(8, '0')
  );
}

function pruneEvents(cluster: Cluster): void {
  const horizon = formatInstant((cluster.state.nowUs - eventLifetimeUs) / 1000);
  for (const [key, event] of objectsOf(cluster, 'Event')) {
    const last = event.lastTimestamp ?? event.eventTime ?? horizon;
    if (last >= horizon) return;
    cluster.state.objects.get('Event')?.delete(key);
  }
}
