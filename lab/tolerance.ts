import type { Topology } from '../core/observable/index.ts';
import { digestOf, standardDeviation } from '../core/tools/index.ts';
import type { TwinSpec } from '../core/truth/index.ts';
import { createTwin } from '../sim/index.ts';

/** How far a signal may stray before two runs of one seed count as different. */
export interface Tolerances {
  /** Per journey: good ratio. */
  readonly goodRatio: readonly number[];
  /** Per service: error ratio, and mean latency in ms. */
  readonly errorRatio: readonly number[];
  readonly latencyMs: readonly number[];
}

const seeds = 20;
const warmUpMs = 600_000;
const observedTicks = 300;
const floor = { goodRatio: 0.01, errorRatio: 0.01, latencyMs: 5 };

/** By digest: specs of one topology and workload are equal, though not one object. */
const known = new Map<string, Promise<Tolerances>>();
const digests = new WeakMap<TwinSpec, string>();

/**
 * max(absolute floor, 4 sd) per signal; the sd is over the ticks of 20 healthy runs (seeds 1–20,
 * five minutes after start-up). Computed once per topology and workload in a process.
 */
export function measureTolerances(spec: TwinSpec, topology: Topology): Promise<Tolerances> {
  const digest = digestOfSpec(spec);
  let result = known.get(digest);
  if (!result) {
    result = measure(spec, topology);
    known.set(digest, result);
  }
  return result;
}

function digestOfSpec(spec: TwinSpec): string {
  let digest = digests.get(spec);
  if (digest === undefined) {
    digest = digestOf(spec);
    digests.set(spec, digest);
  }
  return digest;
}

async function measure(spec: TwinSpec, topology: Topology): Promise<Tolerances> {
  const goodRatio: number[][] = spec.journeys.map(() => []);
  const errorRatio: number[][] = spec.services.map(() => []);
  const latencyMs: number[][] = spec.services.map(() => []);
  for (let seed = 1; seed <= seeds; seed += 1) {
    const twin = createTwin({ spec, topology, seed, startMs: -warmUpMs, telemetry: false });
    await twin.advance(0);
    for (const tick of twin.truth.user.slice(-observedTicks)) {
      tick.offered.forEach((offered, j) => {
        goodRatio[j]?.push(offered > 0 ? (tick.good[j] as number) / offered : 1);
      });
    }
    for (const tick of twin.truth.service.slice(-observedTicks)) {
      tick.errorRatio.forEach((value, s) => {
        errorRatio[s]?.push(value);
      });
      tick.latencyMsMean.forEach((value, s) => {
        latencyMs[s]?.push(value);
      });
    }
  }
  const limits = (columns: number[][], least: number): number[] =>
    columns.map((values) => Math.max(least, 4 * standardDeviation(values)));
  return {
    goodRatio: limits(goodRatio, floor.goodRatio),
    errorRatio: limits(errorRatio, floor.errorRatio),
    latencyMs: limits(latencyMs, floor.latencyMs),
  };
}
