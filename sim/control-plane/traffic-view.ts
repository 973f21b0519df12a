import type { TrafficView } from '../cluster-view.ts';
import { callPoliciesOf } from './call-policies.ts';
import { serviceOfHost } from './change-events.ts';
import { isRecord } from './plain.ts';
import { type Cluster, objectsOf } from './state.ts';
import { at, targetsOf } from './traffic-objects.ts';

/** Resolves the traffic objects per service; a later object wins over an earlier one. */
export function renderTraffic(cluster: Cluster): TrafficView {
  const rateLimits = new Map<string, number>();
  for (const policy of objectsOf(cluster, 'BackendTrafficPolicy').values()) {
    const limit = requestsPerSec(policy.spec ?? {});
    if (limit === undefined) continue;
    for (const service of targetsOf(policy.spec ?? {})) rateLimits.set(service, limit);
  }
  const drainedZones = new Map<string, ReadonlySet<string>>();
  for (const rule of objectsOf(cluster, 'DestinationRule').values()) {
    const host = rule.spec?.host;
    const drained = drainedZonesOf(
      cluster,
      at(rule.spec, ['trafficPolicy', 'loadBalancer', 'localityLbSetting', 'distribute']),
    );
    if (typeof host === 'string' && drained.size > 0)
      drainedZones.set(serviceOfHost(host), drained);
  }
  const callPolicies = callPoliciesOf(cluster);
  return { rateLimits, drainedZones, ...(callPolicies.size > 0 ? { callPolicies } : {}) };
}

const secondsPerUnit: Readonly<Record<string, number>> = {
  Second: 1,
  Minute: 60,
  Hour: 3600,
  Day: 86_400,
};

function requestsPerSec(spec: Record<string, unknown>): number | undefined {
  const rules = at(spec, ['rateLimit', 'local', 'rules']);
  const limit = at(Array.isArray(rules) ? rules[0] : undefined, ['limit']);
  const requests = at(limit, ['requests']);
  const unit = at(limit, ['unit']) ?? 'Second';
  if (typeof requests !== 'number' || typeof unit !== 'string') return undefined;
  return requests / (secondsPerUnit[unit] ?? 1);
}

/** Zones that no entry gives a positive weight, when some zone has one. */
function drainedZonesOf({ setup }: Cluster, distribute: unknown): ReadonlySet<string> {
  const served = new Set<string>();
  for (const entry of Array.isArray(distribute) ? distribute : []) {
    const to = at(entry, ['to']);
    for (const [locality, weight] of Object.entries(isRecord(to) ? to : {})) {
      if (typeof weight !== 'number' || weight <= 0) continue;
      for (const { zone, region } of setup.spec.nodes) {
        if (covers(locality, { zone, region })) served.add(zone);
      }
    }
  }
  const drained = new Set<string>();
  if (served.size === 0) return drained;
  for (const { zone } of setup.spec.nodes) if (!served.has(zone)) drained.add(zone);
  return drained;
}

/** Localities are `region/zone/subzone`; a star, or a missing part, covers all. */
function covers(
  locality: string,
  place: { readonly zone: string; readonly region: string },
): boolean {
  const [region = '*', zone = '*'] = locality.split('/');
  return (region === '*' || region === place.region) && (zone === '*' || zone === place.zone);
}
