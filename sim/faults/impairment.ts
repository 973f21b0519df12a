import { componentKind, componentName } from '../../core/observable/index.ts';
import { assert } from '../../core/tools/index.ts';
import { type Binding, type Cause, causeTraits, type Fault } from '../../core/truth/index.ts';
import type { Conditions } from '../conditions.ts';
import { cacheDetours } from '../impairments/cache-detours.ts';
import {
  type Amounts,
  anyPod,
  type Course,
  type Hold,
  type Impairment,
  type PodPlace,
  type Scope,
} from '../impairments/impairment.ts';
import { isHeld, readHold, releaseHold, type SwitchNote, takeHold } from './config-switch.ts';
import type { EffectContext, FaultEffect } from './effect.ts';

interface ImpairmentNote {
  readonly key: string;
  readonly count: number;
  readonly before: SwitchNote | null;
}

const amountNames = [
  'cpuFactor',
  'waitMs',
  'errorShare',
  'stallShare',
  'stallMs',
  'podCores',
  'nodeCores',
  'podBytes',
  'podBytesPerSec',
  'inFlightFactor',
  'takenShare',
  'delayMs',
  'jitterMs',
  'packetLoss',
  'cutShare',
  'refusedShare',
  'bytesPerSec',
  'bytesPerRequest',
  'missShare',
  'extraRetries',
  'timeoutMs',
  'hostilePerSec',
  'offsetMs',
  'lagPerSec',
] as const satisfies readonly (keyof Amounts)[];

/**
 * Everything that makes machines, software or the network worse without a change of Kubernetes
 * objects: what it does is in the parameters, what ends it follows from the cause.
 */
export const impairment: FaultEffect<ImpairmentNote> = {
  async begin(fault, context) {
    const { conditions, cluster } = context;
    const key = keyOf(fault);
    const hold = readHold(fault);
    const before = hold === null ? null : await takeHold(cluster, hold);
    const scopes = scopesOf(fault, context);
    for (const scope of scopes) conditions.impairments.push(createImpairment(fault, scope, hold));
    return { key, count: scopes.length, before };
  },
  async end(fault, { key, count, before }, { conditions, cluster }) {
    for (let k = 0; k < count; k += 1) {
      const i = conditions.impairments.findIndex((entry) => entry.key === key);
      if (i >= 0) conditions.impairments.splice(i, 1);
    }
    const hold = readHold(fault);
    if (hold !== null && before !== null) await releaseHold(cluster, hold, before);
  },
};

/** Equal faults are interchangeable. */
function keyOf({ kind, target, startMs, durationMs, parameters }: Fault): string {
  return JSON.stringify([kind, target, startMs, durationMs, parameters]);
}

function createImpairment(fault: Fault, scope: Scope, hold: Hold | null): Impairment {
  const amounts: Partial<Record<keyof Amounts, number>> = {};
  for (const name of amountNames) {
    const value = Number(fault.parameters[name] ?? 0);
    if (value !== 0) amounts[name] = value;
  }
  const { target } = fault;
  return {
    key: keyOf(fault),
    cause: causeOf(fault),
    target,
    scope,
    amounts,
    course: courseOf(fault),
    hold,
  };
}

function causeOf({ parameters }: Fault): Cause {
  return String(parameters.cause) as Cause;
}

function courseOf({ startMs, parameters, ...fault }: Fault): Course {
  return {
    sinceMs: startMs,
    rampMs: Number(parameters.rampMs ?? 0),
    halfLifeMs: Number(parameters.halfLifeMs ?? 0),
    periodMs: Number(parameters.periodMs ?? 0),
    dutyShare: Number(parameters.dutyShare ?? 1),
    perProcess: causeTraits(causeOf({ startMs, parameters, ...fault })).binding === 'process',
    endMs: null,
  };
}

function scopesOf(fault: Fault, context: EffectContext): Scope[] {
  const { kind, target, parameters } = fault;
  const operation = String(parameters.operation ?? '');
  const name = componentName(target);
  switch (componentKind(target)) {
    case 'user':
      return [{ kind: 'calls', from: 'user', to: '', operation: name === '*' ? '' : name }];
    case 'edge': {
      const [from = '', to = ''] = name.split('->');
      return [{ kind: 'calls', from, to, operation }];
    }
    case 'service':
      if (kind === 'cache_misses') return cacheDetours(context.spec, name);
      if (kind === 'call_failure' || kind === 'retry_policy') {
        return [{ kind: 'calls', from: '', to: name, operation }];
      }
      break;
    default:
  }
  const at = placeOf(fault, context);
  return [{ kind: actsOnWays.has(kind) ? 'ways' : 'work', at }];
}

/** Kinds that act on what goes into and out of pods, when no edge is named. */
const actsOnWays: ReadonlySet<Fault['kind']> = new Set([
  'network_impairment',
  'call_failure',
  'clock_offset',
]);

function placeOf(fault: Fault, context: EffectContext): PodPlace {
  const { target, parameters } = fault;
  const name = componentName(target);
  const operation = String(parameters.operation ?? '');
  switch (componentKind(target)) {
    case 'node':
      return { ...anyPod, operation, nodes: [name] };
    case 'zone':
      return { ...anyPod, operation, zone: name };
    default: {
      const { binding } = causeTraits(causeOf(fault));
      return { ...anyPod, service: name, operation, ...narrow(fault, binding, context) };
    }
  }
}

/** Which pods of a service: where the cause is bound to, and how many of them are hit. */
function narrow(fault: Fault, binding: Binding, { spec, view }: EffectContext): Partial<PodPlace> {
  const service = componentName(fault.target);
  const pods = view.pods.filter((pod) => pod.service === service);
  const isOne = fault.parameters.pods === 'one';
  const pick = Math.floor(Number(fault.parameters.podPick ?? 0) * pods.length);
  const hit = isOne ? pods.slice(pick, pick + 1) : pods;
  switch (binding) {
    case 'release': {
      const workload = spec.services.find((entry) => entry.name === service)?.workload;
      const tag = fault.parameters.tag;
      assert(tag !== undefined, `${fault.kind} on ${fault.target}: a defect needs a tag`);
      return { release: `${workload}@${tag}` };
    }
    case 'node':
      return { nodes: [...new Set(hit.map((pod) => pod.node))] };
    case 'pods':
      return { pods: hit.map((pod) => pod.uid) };
    default:
      return isOne ? { pods: hit.map((pod) => pod.uid) } : {};
  }
}

/** Removes what has ended. */
export function dropSpentImpairments({ impairments }: Conditions, nowMs: number): void {
  for (let i = impairments.length - 1; i >= 0; i -= 1) {
    const { endMs } = (impairments[i] as Impairment).course;
    if (endMs !== null && endMs <= nowMs) impairments.splice(i, 1);
  }
}

/**
 * Removes what depends on a ConfigMap that says otherwise by now; false when one cannot be read.
 */
export async function dropReleasedImpairments({
  conditions: { impairments },
  cluster,
}: EffectContext): Promise<boolean> {
  let isComplete = true;
  for (let i = impairments.length - 1; i >= 0; i -= 1) {
    const { hold } = impairments[i] as Impairment;
    const held = hold === null ? true : await isHeld(cluster, hold);
    if (held === false) impairments.splice(i, 1);
    if (held === null) isComplete = false;
  }
  return isComplete;
}
