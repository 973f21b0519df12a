import { describe, expect, it } from 'vitest';
import {
  createDrawKey,
  createStream,
  hashText,
  normalAt,
  normalQuantile,
  uniformAt,
} from '../../core/tools/index.ts';
import { loadScenario, resolveEpisode } from '../../scenarios/index.ts';
import { boutique } from '../sim/boutique.ts';
import { badRelease, writeScenario, zoneDown } from './trials.ts';

// A change here changes every run there is: it needs a reason, and new scenario versions.
describe('draws are what they were', () => {
  it('by address', () => {
    const key = createDrawKey(7, 'workload/count');
    expect(key).toBe(1520824981);
    expect(hashText('service/frontend')).toBe(748856961);
    const draws = [0, 1, 2, 1000].map((tick) => uniformAt(key, hashText('home'), tick));
    expect(draws).toEqual([
      0.9687577702570707, 0.6637858655303717, 0.31398403574712574, 0.17897195206023753,
    ]);
    expect(uniformAt(key, hashText('home'), -900)).toBe(0.41386433923617005);
  });

  it('in turn', () => {
    const stream = createStream(7, 'healer/random');
    expect([stream.next(), stream.next(), stream.integer(1000), stream.integer(6)]).toEqual([
      0.7764379589352757, 0.395448251394555, 695, 5,
    ]);
    expect(stream.shuffle(['a', 'b', 'c', 'd', 'e'])).toEqual(['a', 'd', 'b', 'c', 'e']);
  });

  it('normal ones up to the last bits, which belong to the engine', () => {
    const key = createDrawKey(7, 'telemetry/noise');
    const draws = [1, 2, 3].map((tick) => normalAt(key, 42, tick));
    const pinned = [-0.04287889576224362, 0.6709693222464991, -0.14238559723956512];
    for (const [i, expected] of pinned.entries()) expect(draws[i]).toBeCloseTo(expected, 10);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
  });

  it('of a scenario', () => {
    const draw = (faults: string, seed: number): unknown => {
      const scenario = loadScenario(writeScenario({ id: 'drawn', faults }));
      return resolveEpisode(scenario, seed, boutique).faults.map(({ startMs, parameters }) => {
        return [startMs, parameters.errorRatio];
      });
    };
    expect(draw(zoneDown, 1)).toEqual([
      [87_722, undefined],
      [87_722, undefined],
    ]);
    expect(draw(zoneDown, 1001)).toEqual([
      [83_149, undefined],
      [83_149, undefined],
    ]);
    expect(draw(badRelease, 1)).toEqual([[75_000, 0.442]]);
    expect(draw(badRelease, 3)).toEqual([[75_000, 0.349]]);
  });
});

describe('draws by address', () => {
  const key = createDrawKey(3, 'check');

  it('are uniform over ticks and over entities', () => {
    for (const at of [(i: number) => uniformAt(key, 5, i), (i: number) => uniformAt(key, i, 5)]) {
      const counts = new Array<number>(20).fill(0);
      const n = 20_000;
      for (let i = 0; i < n; i += 1) counts[Math.floor(at(i) * 20)]! += 1;
      const chiSquare = counts.reduce((sum, count) => sum + (count - n / 20) ** 2 / (n / 20), 0);
      // 19 degrees of freedom: 43.8 is the 0.1 % point.
      expect(chiSquare).toBeLessThan(43.8);
    }
  });

  it('do not follow their neighbours in time, entity or name', () => {
    const n = 20_000;
    const other = createDrawKey(3, 'check2');
    const pairs: readonly ((i: number) => readonly [number, number])[] = [
      (i) => [uniformAt(key, 5, i), uniformAt(key, 5, i + 1)],
      (i) => [uniformAt(key, 5, i), uniformAt(key, 6, i)],
      (i) => [uniformAt(key, 5, i), uniformAt(other, 5, i)],
    ];
    for (const pair of pairs) {
      let covariance = 0;
      for (let i = 0; i < n; i += 1) {
        const [a, b] = pair(i);
        covariance += (a - 0.5) * (b - 0.5);
      }
      // 3.3 standard deviations of a correlation of nothing.
      expect(Math.abs((12 * covariance) / n)).toBeLessThan(3.3 / Math.sqrt(n));
    }
  });
});
