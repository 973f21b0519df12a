import { describe, expect, it } from 'vitest';
import type { Fault, GroundTruth } from '../../core/truth/index.ts';
import { deriveGroundTruth, type TruthInput } from '../../lab/ground-truth.ts';
import { lastingRecovery, summariseSli } from '../../lab/sli.ts';
import type { TruthLog } from '../../sim/index.ts';
import { boutique, faultOf } from '../sim/boutique.ts';
import { dip, durationMs, logOf, sliOf } from './hand-made.ts';

/** Injected at 10 s. */
const fault: Fault = faultOf({ startMs: 10_000, faultClass: 'zone_outage' });

function truthOf(unhealed: TruthLog, changes: Partial<TruthInput> = {}): GroundTruth {
  const noFault = logOf();
  return deriveGroundTruth({
    spec: boutique,
    faults: [fault],
    unhealed,
    noFault,
    unhealedSli: summariseSli(unhealed, 0, 5000),
    noFaultSli: summariseSli(noFault, 0, 5000),
    tolerances: { goodRatio: [0.05], errorRatio: [0.05], latencyMs: [10] },
    podsAtInjection: [],
    releases: new Map(),
    ...changes,
  });
}

const lostAt = (...seconds: number[]): TruthLog =>
  logOf({ good: (second) => (seconds.includes(second) ? 0.5 : 1) });

describe('onset', () => {
  it('is the first of three differing ticks in a row', () => {
    expect(truthOf(lostAt(12, 13, 15, 16, 20, 21, 22)).onsetMs).toBe(20_000);
    expect(truthOf(lostAt(12, 13, 15, 16)).onsetMs).toBeNull();
  });

  it('is never before the injection', () => {
    expect(truthOf(lostAt(2, 3, 4, 5)).onsetMs).toBeNull();
  });

  it('is null while users differ by no more than the tolerance', () => {
    expect(truthOf(logOf({ good: () => 0.96 })).onsetMs).toBeNull();
    expect(truthOf(logOf({ good: () => 0.94 })).onsetMs).toBe(10_000);
  });
});

describe('a fault that no user feels', () => {
  it('is silent, and costs nothing', () => {
    expect(truthOf(logOf({ good: (second) => (second >= 20 ? 0.96 : 1) }))).toMatchObject({
      injectedAtMs: 10_000,
      silent: true,
      unhealedLostRequests: 0,
      unhealedRecoveryMs: null,
    });
  });

  it('is not silent once users feel it, and no fault is not silent either', () => {
    expect(truthOf(lostAt(20, 21, 22)).silent).toBe(false);
    expect(truthOf(logOf(), { faults: [] })).toMatchObject({
      injectedAtMs: null,
      silent: false,
      rootCauses: [],
      affected: [],
    });
  });
});

describe('what followed', () => {
  it('loses requests from onset, and recovers when the band holds for a minute', () => {
    const down = logOf({ good: (second) => (second >= 20 && second < 50 ? 0.5 : 1) });
    expect(truthOf(down)).toMatchObject({
      onsetMs: 20_000,
      unhealedRecoveryMs: 50_000,
      unhealedLostRequests: 1500,
    });
  });

  it('affects services by errors or by latency, for three ticks', () => {
    const of = (log: TruthLog): GroundTruth['affected'] => truthOf(log).affected;
    const from = (least: number, value: number) => (second: number) =>
      second >= least ? value : 0;
    expect(of(logOf({ errors: from(30, 0.06) }))).toEqual([
      { component: 'service/cartservice', atMs: 30_000 },
    ]);
    expect(of(logOf({ latencyMs: (second) => (second >= 40 ? 31 : 20) }))).toEqual([
      { component: 'service/cartservice', atMs: 40_000 },
    ]);
    expect(of(logOf({ errors: from(30, 0.04), latencyMs: () => 29 }))).toEqual([]);
    expect(of(logOf({ errors: (second) => (second % 3 === 0 ? 0 : 1) }))).toEqual([]);
  });

  it('has the target as its cause, and what the target holds', () => {
    expect(truthOf(logOf()).rootCauses).toEqual([
      'zone/us-east-1a',
      ...boutique.nodes
        .filter(({ zone }) => zone === 'us-east-1a')
        .map(({ name }) => `node/${name}`),
    ]);
    const release = faultOf({ kind: 'release', target: 'service/cartservice' });
    const releases = new Map([['cartservice', 'v9']]);
    expect(truthOf(logOf(), { faults: [release], releases }).rootCauses).toEqual([
      'service/cartservice',
      'release/cartservice@v9',
    ]);
  });
});

describe('a lasting recovery', () => {
  const recoveryOf = (series: Parameters<typeof sliOf>[0], fromMs = 0): number | null =>
    lastingRecovery({ series: sliOf(series), noFault: sliOf(1), tolerance: [0.01], fromMs });
  const down = (...spells: readonly (readonly [number, number])[]) => {
    return (atMs: number): number =>
      spells.some(([fromMs, untilMs]) => atMs >= fromMs && atMs < untilMs) ? 0.5 : 1;
  };

  it('starts where the band began to hold for a minute', () => {
    expect(recoveryOf(down([0, 100_000]))).toBe(100_000);
    expect(recoveryOf(down([0, 100_000], [155_000, 160_000]))).toBe(160_000);
    expect(recoveryOf(down([0, 100_000], [160_000, 165_000]))).toBe(100_000);
  });

  it('is undone by 15 s out of the band, not by 10 s', () => {
    expect(recoveryOf(down([0, 100_000], [900_000, 915_000]))).toBe(915_000);
    expect(recoveryOf(down([0, 100_000], [900_000, 910_000]))).toBe(100_000);
  });

  it('is null when trouble stays or comes back to stay', () => {
    expect(recoveryOf(dip(0.5, 0))).toBeNull();
    expect(recoveryOf(down([0, 100_000], [durationMs - 15_000, durationMs]))).toBeNull();
  });

  it('within the tolerance is within the band', () => {
    expect(recoveryOf(0.995)).toBe(0);
    expect(recoveryOf(0.985)).toBeNull();
  });
});

it('accepts either name of a part of the control plane', () => {
  const away = faultOf({
    kind: 'component_down',
    target: 'config/etcd',
    startMs: 10_000,
    parameters: { component: 'etcd' },
  });
  const { rootCauses } = truthOf(logOf(), { faults: [away] });
  expect(rootCauses).toEqual(['config/etcd', 'config/control-plane']);
});
