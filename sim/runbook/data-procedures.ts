import type { ComponentId, Procedure } from '../../core/observable/index.ts';
import { componentKind, componentName } from '../../core/observable/index.ts';
import type { Cause } from '../../core/truth/index.ts';
import { cacheDetours } from '../impairments/cache-detours.ts';
import {
  type Amounts,
  anyPod,
  type Impairment,
  type Scope,
  steadyCourse,
} from '../impairments/impairment.ts';
import type { ProcedureContext, ProcedureEffect } from './procedure-effect.ts';

interface SideEffect {
  readonly cause: Cause;
  readonly scopes: readonly Scope[];
  readonly amounts: Amounts;
  /** Null: for good. */
  readonly lastsMs: number | null;
  readonly halfLifeMs?: number;
}

/** Puts what a procedure does beside its purpose into the world. */
function leave(target: ComponentId, context: ProcedureContext, effect: SideEffect): void {
  const { conditions, nowMs } = context;
  const { cause, scopes, amounts, lastsMs, halfLifeMs = 0 } = effect;
  const endMs = lastsMs === null ? null : nowMs + lastsMs;
  const course = { ...steadyCourse(nowMs, endMs), halfLifeMs };
  const key = `${cause} ${target} ${nowMs}`;
  for (const scope of scopes) {
    const entry: Impairment = { key, cause, target, scope, amounts, course, hold: null };
    conditions.impairments.push(entry);
  }
}

/** The service a target is about: itself, or the callee of an edge. */
export function serviceOf(target: ComponentId): string {
  const name = componentName(target);
  return componentKind(target) === 'edge' ? (name.split('->')[1] ?? '') : name;
}

function callsTo(target: ComponentId): Scope[] {
  return [{ kind: 'calls', from: '', to: serviceOf(target), operation: '' }];
}

function workOf(target: ComponentId): Scope[] {
  return [{ kind: 'work', at: { ...anyPod, service: serviceOf(target) } }];
}

/** Connections break and are made again for some seconds. */
function reconnect(lastsMs: number, refusedShare: number): ProcedureEffect {
  return (target, context) => {
    const amounts = { refusedShare };
    leave(target, context, { cause: 'reconnecting', scopes: callsTo(target), amounts, lastsMs });
  };
}

/** Work beside the service's own: it gets dearer and waits for disks. */
function maintain(lastsMs: number, amounts: Amounts): ProcedureEffect {
  return (target, context) => {
    leave(target, context, { cause: 'maintenance', scopes: workOf(target), amounts, lastsMs });
  };
}

/** From the old primary's demotion until clients have found the new one. */
const failoverMs = 20_000;
/** Two primaries take writes: what the other one has is missing or in conflict. */
const divergedShare = 0.4;

/**
 * Makes a standby the primary. While the old primary is cut off rather than dead, both go on taking
 * writes, and nothing brings the two histories together again.
 */
const failOver: ProcedureEffect = (target, context) => {
  const { conditions } = context;
  const isCutOff =
    conditions.isolatedZones.size > 0 ||
    conditions.impairments.some(({ cause }) => cause === 'cut_link');
  const amounts = { cutShare: 1 };
  leave(target, context, {
    cause: 'reconnecting',
    scopes: callsTo(target),
    amounts,
    lastsMs: failoverMs,
  });
  if (!isCutOff) return;
  leave(target, context, {
    cause: 'diverged_replicas',
    scopes: workOf(target),
    amounts: { errorShare: divergedShare },
    lastsMs: null,
  });
};

/** A cache fills again with what is asked for: half of it in some minutes. */
const refillMs = 300_000;

const flushCache: ProcedureEffect = (target, context) => {
  const scopes = cacheDetours(context.spec, serviceOf(target));
  const amounts = { missShare: 1 };
  const lastsMs = 8 * refillMs;
  if (scopes.length === 0) {
    // Nothing stands behind it: what it held is gone.
    reconnect(30_000, 0.5)(target, context);
    return;
  }
  leave(target, context, {
    cause: 'empty_cache',
    scopes,
    amounts,
    lastsMs,
    halfLifeMs: refillMs,
  });
};

const warmCache: ProcedureEffect = (target, context) => {
  for (const scope of cacheDetours(context.spec, serviceOf(target))) {
    if (scope.kind !== 'calls') continue;
    maintain(60_000, { cpuFactor: 1.2 })(`service/${scope.to}`, context);
  }
};

const flushConntrack: ProcedureEffect = (target, context) => {
  const scope: Scope = { kind: 'ways', at: { ...anyPod, nodes: [componentName(target)] } };
  leave(target, context, {
    cause: 'reconnecting',
    scopes: [scope],
    amounts: { cutShare: 0.2 },
    lastsMs: 5000,
  });
};

/** Scrubbing centres are some hundred kilometres away. */
const detourMs = 15;

const shiftToScrubber: ProcedureEffect = (target, context) => {
  const scope: Scope = { kind: 'calls', from: 'user', to: '', operation: '' };
  const isShifted = context.conditions.impairments.some(
    ({ cause, amounts }) => cause === 'maintenance' && amounts.delayMs === detourMs,
  );
  if (isShifted) return;
  const amounts = { delayMs: detourMs };
  leave(target, context, { cause: 'maintenance', scopes: [scope], amounts, lastsMs: null });
};

const restartNames: ProcedureEffect = (target, context) => {
  const scope: Scope = { kind: 'calls', from: '', to: '', operation: '' };
  const amounts = { refusedShare: 0.05 };
  leave(target, context, { cause: 'reconnecting', scopes: [scope], amounts, lastsMs: 5000 });
};

/**
 * Procedures on stores, caches and the network. Whatever they cure, they cost something while they
 * run; those that are not here cost nothing that users could feel.
 */
export const dataProcedures: Readonly<Partial<Record<Procedure, ProcedureEffect>>> = {
  restart_coredns: restartNames,
  clean_disk: maintain(30_000, { waitMs: 2 }),
  expand_volume: maintain(60_000, { waitMs: 1 }),
  fail_over_database: failOver,
  end_blocking_session: maintain(5000, { errorShare: 0.02 }),
  rebuild_index: maintain(60_000, { cpuFactor: 1.3 }),
  raise_connection_limit: reconnect(3000, 0.3),
  flush_cache: flushCache,
  warm_cache: warmCache,
  rotate_credentials: reconnect(15_000, 0.3),
  renew_certificate: reconnect(2000, 0.1),
  flush_conntrack: flushConntrack,
  shift_traffic_to_scrubber: shiftToScrubber,
};

/** Whether an impairment is about a component, or about a call or pods of it. */
export function concerns({ target, scope }: Impairment, component: ComponentId): boolean {
  if (target === component) return true;
  const kind = componentKind(component);
  const name = componentName(component);
  if (kind === 'service' && componentKind(target) === 'edge') {
    return componentName(target).split('->').includes(name);
  }
  if (kind === 'edge')
    return componentKind(target) === 'service' && name.endsWith(`->${componentName(target)}`);
  if (kind === 'node') return scope.kind !== 'calls' && scope.at.nodes?.includes(name) === true;
  return false;
}
