import { describe, expect, it } from 'vitest';
import { createConditions } from '../../../sim/conditions.ts';
import { Gaps } from '../../../sim/telemetry/gaps.ts';
import { createPipeline, createWorld } from './fixture.ts';

/** Lengths of the runs of true. */
function runsOf(length: number, isIn: (scrape: number) => boolean): number[] {
  const runs: number[] = [];
  for (let scrape = 0, run = 0; scrape <= length; scrape += 1) {
    if (scrape < length && isIn(scrape)) run += 1;
    else {
      if (run > 0) runs.push(run);
      run = 0;
    }
  }
  return runs;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const scrapesPerDay = 5760;

describe('gaps', () => {
  const gaps = new Gaps(7);

  it('of targets are about one scrape in a thousand, some of them in runs', () => {
    const all = Array.from({ length: 40 }, (_, entity) =>
      runsOf(20_000, (scrape) => gaps.isMissed(entity, scrape)),
    ).flat();
    const share = sum(all) / (40 * 20_000);
    expect(share).toBeGreaterThan(5e-4);
    expect(share).toBeLessThan(2e-3);
    const long = all.filter((run) => run > 1).length / all.length;
    expect(long).toBeGreaterThan(0.2);
    expect(long).toBeLessThan(0.5);
  });

  it('of a whole zone last one scrape and come about once in five days for three zones', () => {
    const days = 1500;
    const runs = ['a', 'b', 'c'].flatMap((zone) =>
      runsOf(days * scrapesPerDay, (scrape) => gaps.isZoneMissed(zone, scrape)),
    );
    expect(new Set(runs)).toEqual(new Set([1]));
    expect(days / runs.length).toBeGreaterThan(3.5);
    expect(days / runs.length).toBeLessThan(7.5);
  });

  it('of everything are short and rare', () => {
    const days = 1500;
    const runs = runsOf(days * scrapesPerDay, (scrape) => gaps.isAllMissed(scrape));
    expect(Math.max(...runs)).toBeLessThanOrEqual(4);
    expect(days / runs.length).toBeGreaterThan(4);
    expect(days / runs.length).toBeLessThan(12);
  });

  it('are the same before time 0, and differ between seeds', () => {
    const earlier = (seed: number): number[] =>
      runsOf(50_000, (i) => new Gaps(seed).isMissed(3, i - 50_000));
    expect(earlier(7).length).toBeGreaterThan(10);
    expect(earlier(7)).not.toEqual(earlier(8));
  });

  it('take a zone off the metrics only: its lines and spans arrive', () => {
    const world = createWorld();
    const conditions = createConditions();
    const seed = 7;
    const zone = world.view.nodes[0]?.zone as string;
    let scrape = 1;
    while (!gaps.isZoneMissed(zone, scrape) || gaps.isAllMissed(scrape)) scrape += 1;
    const telemetry = createPipeline(world, { seed, conditions }).collect(
      world.window(scrape),
      world.view,
      [],
      [],
    );
    const [frame] = telemetry.frames;
    const ofZone = frame?.index.series.flatMap(({ labels, signal }, i) =>
      labels.zone === zone && signal === 'memory_utilization' ? [frame.values[i]] : [],
    );
    expect(ofZone?.length).toBeGreaterThan(2);
    expect(ofZone?.every(Number.isNaN)).toBe(true);
    const rate = frame?.index.series.findIndex(({ signal }) => signal === 'request_rate') ?? -1;
    expect(frame?.values[rate]).toBeGreaterThan(0);
    expect(telemetry.spans.some(({ resource }) => resource.zone === zone)).toBe(true);
  });

  it('come more often from processes short of CPU', () => {
    const late = (throttled: number): number =>
      Array.from({ length: 5000 }, (_, i) => gaps.isLate(throttled, 3, i)).filter(Boolean).length;
    expect(late(0.4)).toBe(0);
    expect(late(1) / 5000).toBeCloseTo(0.1, 1);
    expect(late(0.75)).toBeLessThan(late(1));
  });
});
