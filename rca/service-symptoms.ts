import type { ComponentId, Topology } from '../core/observable/index.ts';
import { edgeId } from '../core/observable/index.ts';
import { ramp } from './ramp.ts';
import type { Shift, ShiftReader } from './shifts.ts';

/** What metrics say of one service beside its callees; strengths are 0 to 1. */
export interface ServiceSymptoms {
  readonly service: string;
  /** Slow, and not because a callee is. */
  readonly ownLatency: number;
  /** Its callers wait for it longer than it takes: the way to it is slow. */
  readonly pathLatency: number;
  /** Fails, and not because calls to others fail. */
  readonly ownErrors: number;
  /** Calls to it fail that it does not see, or never answers. */
  readonly pathErrors: number;
  /** Highest CPU use of one pod as share of its limit; NaN without pods. */
  readonly cpuUtilization: number;
  readonly throttledRatio: number;
  /** The service's own latency or errors are abnormal at all, explained or not. */
  readonly isAbnormal: boolean;
}

/**
 * Splits each service's rise of latency and errors into its own part and its callees', on the given
 * call graph: what outgoing edges show is explained, what incoming edges show beyond the service
 * itself lies on the way to it. Fails where errors of optional calls are swallowed. Cost: O(V + E).
 */
export function findServiceSymptoms(
  topology: Topology,
  shifts: ShiftReader,
): readonly ServiceSymptoms[] {
  return topology.services.map(({ name }) => {
    const component: ComponentId = `service/${name}`;
    const outgoing = topology.calls.filter(({ from }) => from === name).map(edgeOf);
    const incoming = topology.calls.filter(({ to }) => to === name).map(edgeOf);
    const latency =
      shifts.of('latency_ms_p95', component) ?? shifts.of('latency_ms_p50', component);
    const errors = shifts.of('error_ratio', component);
    return {
      service: name,
      ...splitLatency(latency, outgoing, incoming, shifts),
      ...splitErrors(errors, component, outgoing, incoming, shifts),
      cpuUtilization: shifts.highestOfService('cpu_utilization', name),
      throttledRatio: shifts.highestOfService('cpu_throttled_ratio', name),
      isAbnormal: latencyStrength(latency) > 0.3 || errorStrength(errors?.delta ?? 0) > 0.3,
    };
  });
}

function edgeOf({ from, to }: { from: string; to: string }): ComponentId {
  return edgeId(from, to);
}

/** 0 to 1: a clear shift that at least doubles the latency or adds 100 ms counts fully. */
function latencyStrength(shift: Shift | null): number {
  if (!shift) return 0;
  const growth = Math.max(shift.delta / Math.max(shift.baseline, 1), shift.delta / 100);
  return ramp(shift.zScore, 3, 8) * ramp(growth, 0.2, 1);
}

function splitLatency(
  own: Shift | null,
  outgoing: readonly ComponentId[],
  incoming: readonly ComponentId[],
  shifts: ShiftReader,
): { ownLatency: number; pathLatency: number } {
  const ownDelta = Math.max(0, own?.delta ?? 0);
  const explainedDelta = highestDelta(outgoing, shifts);
  const unexplained = ownDelta === 0 ? 0 : Math.max(0, 1 - explainedDelta / ownDelta);
  let pathLatency = 0;
  for (const edge of incoming) {
    const shift = shifts.of('edge_latency_ms_p95', edge);
    const beyond = shift && shift.delta > 0 ? Math.max(0, 1 - ownDelta / shift.delta) : 0;
    pathLatency = Math.max(pathLatency, latencyStrength(shift) * ramp(beyond, 0.2, 0.7));
  }
  return { ownLatency: latencyStrength(own) * ramp(unexplained, 0.2, 0.7), pathLatency };
}

function highestDelta(edges: readonly ComponentId[], shifts: ShiftReader): number {
  let highest = 0;
  for (const edge of edges) {
    highest = Math.max(highest, shifts.of('edge_latency_ms_p95', edge)?.delta ?? 0);
  }
  return highest;
}

/** 0 to 1 for an added error ratio; five points of a hundred are most of it. */
function errorStrength(added: number): number {
  return added < 0.005 ? 0 : 1 - Math.exp(-added / 0.03);
}

function splitErrors(
  own: Shift | null,
  component: ComponentId,
  outgoing: readonly ComponentId[],
  incoming: readonly ComponentId[],
  shifts: ShiftReader,
): { ownErrors: number; pathErrors: number } {
  const ownAdded = Math.max(0, own?.delta ?? 0);
  const requests = shifts.of('request_rate', component)?.recent ?? 0;
  let callsFailedPerRequest = 0;
  for (const edge of outgoing) {
    const added = Math.max(0, shifts.of('edge_error_ratio', edge)?.delta ?? 0);
    const calls = shifts.of('edge_request_rate', edge)?.recent ?? 0;
    if (requests > 0) callsFailedPerRequest += (added * calls) / requests;
  }
  let pathErrors = 0;
  for (const edge of incoming) {
    const shift = shifts.of('edge_error_ratio', edge);
    if (!shift) continue;
    const strength = errorStrength(shift.delta - ownAdded) * ramp(shift.zScore, 3, 6);
    pathErrors = Math.max(pathErrors, strength);
  }
  const ownErrors = errorStrength(ownAdded - callsFailedPerRequest);
  return { ownErrors: ownErrors * ramp(own?.zScore ?? 0, 3, 6), pathErrors };
}
