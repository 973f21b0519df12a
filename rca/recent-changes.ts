import type { ChangeEvent, Evidence } from '../core/observable/index.ts';

/** A change to the desired state of one service, not long before the incident. */
export interface RecentChange {
  readonly service: string;
  readonly change: ChangeEvent;
  /** Time from the change to the opening of the incident; negative when it came after. */
  readonly ageMs: number;
  /** exp(−age / 15 min), in (0, 1]. */
  readonly proximity: number;
}

const proximityScaleMs = 15 * 60_000;
const lateMs = 30_000;

/**
 * Releases and configuration changes of existing services before the incident, the nearest first;
 * one per service. Changes later than 30 s after the incident opened are reactions, not causes, and
 * what installed a service is not a change to it.
 */
export function findRecentChanges(evidence: Evidence): readonly RecentChange[] {
  const nearest = new Map<string, RecentChange>();
  for (const change of evidence.changes) {
    if (change.kind !== 'release' && change.kind !== 'config') continue;
    const service = serviceOf(change, evidence);
    const ageMs = evidence.incident.openedAtMs - change.atMs;
    if (service === null || ageMs < -lateMs || !existedBefore(service, change.atMs, evidence))
      continue;
    const proximity = Math.exp(-Math.max(0, ageMs) / proximityScaleMs);
    const known = nearest.get(service);
    if (!known || known.ageMs > ageMs) nearest.set(service, { service, change, ageMs, proximity });
  }
  return [...nearest.values()].sort(
    (a, b) => a.ageMs - b.ageMs || (a.service < b.service ? -1 : 1),
  );
}

function serviceOf({ component, object }: ChangeEvent, { topology }: Evidence): string | null {
  const entry = topology.services.find(
    ({ name, namespace, workload }) =>
      component === `service/${name}` ||
      component.startsWith(`release/${workload}@`) ||
      (object.namespace === namespace && object.kind === 'Deployment' && object.name === workload),
  );
  return entry?.name ?? null;
}

function existedBefore(service: string, atMs: number, { metrics }: Evidence): boolean {
  const component = `service/${service}` as const;
  for (const signal of ['replicas_ready', 'request_rate'] as const) {
    for (const column of metrics.columns({ signal, component })) {
      const values = metrics.values(column, atMs - 5 * 60_000, atMs - 1);
      if (values.some((value) => value > 0)) return true;
    }
  }
  return false;
}
