/** One fault per kind of impairment, and what the twin shows of it in minute 3. */
import { expect } from 'vitest';
import type { Fault, FaultKind } from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { faultOf, goodRatio } from './boutique.ts';

const minuteMs = 60_000;

export interface Specimen {
  readonly fault: Fault;
  /** What the twin shows of it in minute 3, against the same seed without it. */
  readonly shows: (broken: Twin, sound: Twin) => void;
  /** From its end until users are served as well as without it. */
  readonly recoveryMs: number;
}

function specimen(
  kind: FaultKind,
  target: string,
  parameters: Fault['parameters'],
  shows: Specimen['shows'],
): Specimen {
  return { fault: faultOf({ kind, target, parameters }), shows, recoveryMs: 2 * minuteMs };
}

function last(twin: Twin, service: string, figure: 'errorRatio' | 'latencyMsMean'): number {
  const s = twin.truth.services.indexOf(service);
  return twin.truth.service.at(-1)?.[figure][s] as number;
}

/** Users fare worse by at least this share. */
function harms(least: number): Specimen['shows'] {
  return (broken, sound) => {
    const during = (twin: Twin): number => goodRatio(twin, 2 * minuteMs, 3 * minuteMs);
    expect(during(sound) - during(broken)).toBeGreaterThan(least);
  };
}

const harmless: Specimen['shows'] = (broken, sound) => {
  const during = (twin: Twin): number => goodRatio(twin, 2 * minuteMs, 3 * minuteMs);
  expect(Math.abs(during(sound) - during(broken))).toBeLessThan(0.002);
};

type ImpairmentKind = Extract<
  FaultKind,
  | 'slow_work'
  | 'failing_work'
  | 'pod_pressure'
  | 'node_pressure'
  | 'network_impairment'
  | 'call_failure'
  | 'cache_misses'
  | 'hostile_traffic'
  | 'retry_policy'
  | 'clock_offset'
  | 'consumer_lag'
>;

export const impairmentSpecimens: Readonly<Record<ImpairmentKind, Specimen>> = {
  slow_work: specimen(
    'slow_work',
    'service/redis-cart',
    { cause: 'throttled_volume', waitMs: 300 },
    (broken, sound) => {
      const added =
        last(broken, 'redis-cart', 'latencyMsMean') - last(sound, 'redis-cart', 'latencyMsMean');
      expect(added).toBeCloseTo(300, -1);
    },
  ),
  failing_work: specimen(
    'failing_work',
    'service/currencyservice',
    { cause: 'switched_path', errorShare: 0.3, config: 'default/flags/rates=new' },
    (broken) => expect(last(broken, 'currencyservice', 'errorRatio')).toBeCloseTo(0.3, 2),
  ),
  pod_pressure: specimen(
    'pod_pressure',
    'service/currencyservice',
    { cause: 'busy_sidecar', podCores: 3 },
    harms(0.1),
  ),
  node_pressure: specimen(
    'node_pressure',
    'node/node-a1',
    { cause: 'busy_neighbour', nodeCores: 200 },
    harms(0.05),
  ),
  network_impairment: specimen(
    'network_impairment',
    'node/node-a1',
    { cause: 'failing_card', packetLoss: 0.3 },
    harms(0.05),
  ),
  call_failure: specimen(
    'call_failure',
    'edge/cartservice->redis-cart',
    { cause: 'revoked_rights', refusedShare: 0.5 },
    (broken) => expect(last(broken, 'redis-cart', 'errorRatio')).toBeCloseTo(0.5, 2),
  ),
  // Nothing here goes around a cache: what is always asked cannot be asked more often.
  cache_misses: specimen(
    'cache_misses',
    'edge/cartservice->redis-cart',
    { cause: 'empty_cache', missShare: 1 },
    harmless,
  ),
  hostile_traffic: specimen(
    'hostile_traffic',
    'user/home',
    { cause: 'hostile_clients', hostilePerSec: 1500 },
    harms(0.5),
  ),
  retry_policy: specimen(
    'retry_policy',
    'edge/frontend->currencyservice',
    { cause: 'impatient_clients', extraRetries: 2, timeoutMs: 2 },
    (broken) => expect(last(broken, 'currencyservice', 'errorRatio')).toBeGreaterThan(0.1),
  ),
  clock_offset: specimen(
    'clock_offset',
    'node/node-a1',
    { cause: 'drifting_clock', offsetMs: 600_000, refusedShare: 0.6 },
    harms(0.05),
  ),
  consumer_lag: specimen(
    'consumer_lag',
    'service/emailservice',
    { cause: 'unreadable_record', lagPerSec: 7 },
    harmless,
  ),
};
