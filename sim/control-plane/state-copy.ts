/** A control plane's state at its start, and copies of it for forks. */
import type { ControlState } from './state.ts';

export function createState(startUs: number): ControlState {
  return {
    nowUs: startUs,
    resourceVersion: 0,
    sequence: 0,
    version: 1,
    trafficVersion: 1,
    configVersion: 1,
    booted: false,
    allZonesDown: false,
    retryArmed: false,
    objects: new Map(),
    index: new Map(),
    timers: [],
    unusualPods: new Set(),
    images: new Set(),
    runtimes: new Map(),
    nodes: new Map(),
    zones: new Map(),
    evictions: new Map(),
    deadlines: new Map(),
    ordinals: new Map(),
    refusals: new Map(),
    autoscalers: new Map(),
    cpuWindows: new Map(),
    dirty: {
      deployments: new Set(),
      replicaSets: new Set(),
      pods: new Set(),
      nodes: new Set(),
      services: new Set(),
      budgets: new Set(),
      autoscalers: new Set(),
      claims: new Set(),
      jobs: new Set(),
      quotas: new Set(),
      cronJobs: new Set(),
      scheduler: false,
    },
    frozenEndpoints: new Map(),
    down: new Set(),
    events: [],
    changes: [],
    requests: [],
    procedures: [],
  };
}

/**
 * An independent copy. Frozen objects and timer events are shared, everything mutable is copied.
 */
export function copyState(state: ControlState): ControlState {
  const { dirty } = state;
  return {
    ...state,
    objects: copyMap(state.objects, (objects) => new Map(objects)),
    index: copyMap(state.index, (keys) => new Set(keys)),
    timers: [...state.timers],
    unusualPods: new Set(state.unusualPods),
    runtimes: copyMap(state.runtimes, (runtime) => ({
      ...runtime,
      probeRuns: { ...runtime.probeRuns },
      probeArmed: { ...runtime.probeArmed },
    })),
    nodes: copyMap(state.nodes, (node) => ({ ...node })),
    zones: copyMap(state.zones, (zone) => ({ ...zone })),
    evictions: new Map(state.evictions),
    deadlines: new Map(state.deadlines),
    ordinals: new Map(state.ordinals),
    refusals: new Map(state.refusals),
    autoscalers: copyMap(state.autoscalers, (autoscaler) => ({
      ...autoscaler,
      recommendations: [...autoscaler.recommendations],
      scalings: [...autoscaler.scalings],
    })),
    cpuWindows: copyMap(state.cpuWindows, (window) => ({
      atUs: [...window.atUs],
      cores: [...window.cores],
      next: window.next,
    })),
    dirty: {
      deployments: new Set(dirty.deployments),
      replicaSets: new Set(dirty.replicaSets),
      pods: new Set(dirty.pods),
      nodes: new Set(dirty.nodes),
      services: new Set(dirty.services),
      budgets: new Set(dirty.budgets),
      autoscalers: new Set(dirty.autoscalers),
      claims: new Set(dirty.claims),
      jobs: new Set(dirty.jobs),
      quotas: new Set(dirty.quotas),
      cronJobs: new Set(dirty.cronJobs),
      scheduler: dirty.scheduler,
    },
    frozenEndpoints: new Map(state.frozenEndpoints),
    down: new Set(state.down),
    events: [...state.events],
    changes: [...state.changes],
    requests: [...state.requests],
    procedures: [...state.procedures],
  };
}

function copyMap<V>(map: ReadonlyMap<string, V>, copy: (value: V) => V): Map<string, V> {
  const result = new Map<string, V>();
  for (const [key, value] of map) result.set(key, copy(value));
  return result;
}
