import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from '../../../core/observable/index.ts';
import { AdaptiveSampler, type KeptTrace, TraceBudget } from '../../../detectors/index.ts';
import { type Fate, TracedShop } from './made-traces.ts';

const perScrape = 80;

/** Plays scrapes of the shop; all that was kept, and the ids of each scrape. */
function play(
  scrapes: number,
  fateOf: (scrape: number, i: number) => Fate,
  {
    sampler = new AdaptiveSampler({ burstTraces: 2000 }),
    suspectsAt = (_: number): ReadonlySet<string> => new Set(),
    restartedAt = (_: number): ReadonlySet<string> => new Set(),
  } = {},
): { kept: KeptTrace[][]; ids: string[][] } {
  const shop = new TracedShop(1);
  const ids: string[][] = [];
  const kept = Array.from({ length: scrapes }, (_, scrape) => {
    const spans = shop.scrape(perScrape, (i) => fateOf(scrape, i));
    ids.push(rootsOf(spans));
    const reasons = { suspects: suspectsAt(scrape), restarted: restartedAt(scrape) };
    return sampler.observe(spans, reasons);
  });
  return { kept, ids };
}

function rootsOf(spans: readonly Span[]): string[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === null).map(({ traceId }) => traceId);
}

/** The share kept of the traces that were number 0 or 1 of their scrape, from a scrape on. */
function shareOfMarked({ kept, ids }: ReturnType<typeof play>, from: number): number {
  const all = new Set(kept.flat().map(({ trace }) => trace.traceId));
  const marked = ids.slice(from).flatMap((own) => own.slice(0, 2));
  return marked.filter((id) => all.has(id)).length / marked.length;
}

const faultFrom = 45;

describe('the adaptive sampler', () => {
  it('keeps what fails, when it is 2.5 % of all', () => {
    const fateOf = (scrape: number, i: number): Fate =>
      scrape >= faultFrom && i < 2 ? { storeFails: true } : {};
    const run = play(75, fateOf);
    expect(shareOfMarked(run, faultFrom)).toBe(1);
    expect(run.kept.flat().length).toBeLessThanOrEqual(0.05 * 75 * perScrape);
  });

  it('keeps what is slow for its operation, though not for the request', () => {
    const fateOf = (scrape: number, i: number): Fate =>
      scrape >= faultFrom && i < 2 ? { storeFactor: 40 } : {};
    const run = play(75, fateOf);
    expect(shareOfMarked(run, faultFrom)).toBeGreaterThan(0.85);
  });

  it('prefers what is rare when more fails than it may keep', () => {
    const fateOf = (scrape: number, i: number): Fate => {
      if (scrape < faultFrom) return {};
      return i < 2 ? { asksAds: false, storeFails: true } : { storeFails: i % 2 === 0 };
    };
    const run = play(70, fateOf);
    expect(run.kept.flat().length).toBeLessThanOrEqual(0.05 * 70 * perScrape);
    expect(run.kept.slice(faultFrom).flat().length).toBeGreaterThan(0.03 * 25 * perScrape);
  });

  it('pulls traces that have waited when their service comes under suspicion', () => {
    const slowAt = 45;
    const fateOf = (scrape: number, i: number): Fate =>
      scrape === slowAt ? { storeFactor: i < 20 ? 6 : 1 } : {};
    const suspectsAt = (scrape: number): ReadonlySet<string> =>
      new Set(scrape > slowAt ? ['store'] : []);
    const [calm, alarmed] = [{}, { suspectsAt }].map((options) => {
      const { kept, ids } = play(49, fateOf, options);
      const marked = new Set((ids[slowAt] as string[]).slice(0, 20));
      const later = kept.slice(slowAt + 1).flat();
      return later.filter(({ trace }) => marked.has(trace.traceId));
    });
    expect(alarmed?.length).toBeGreaterThan(calm?.length ?? 0);
  });

  it('keeps what went through a pod that was just started again, though it was not slow', () => {
    const restartAt = 45;
    const fateOf = (_: number, i: number): Fate => ({ asksAds: i % 40 === 0 });
    const shares = [new Set<string>(), new Set(['ads-1'])].map((restarted) => {
      const { kept, ids } = play(52, fateOf, {
        restartedAt: (scrape) => (scrape === restartAt ? restarted : new Set()),
      });
      const all = new Set(kept.flat().map(({ trace }) => trace.traceId));
      const asked = ids.slice(restartAt, restartAt + 6).flatMap((own) => [own[0], own[40]]);
      return asked.filter((id) => all.has(id as string)).length / asked.length;
    });
    expect(shares[0]).toBeLessThan(0.7);
    expect(shares[1]).toBe(1);
  });

  it('keeps what waits in an operation that now and then stalls, for as long as it does', () => {
    const fateOf = (scrape: number, i: number): Fate => {
      const asksAds = i % 10 === 0;
      return { asksAds, adsFactor: scrape >= faultFrom && i % 40 === 0 ? 60 : 1 };
    };
    const run = play(95, fateOf);
    const all = new Set(run.kept.flat().map(({ trace }) => trace.traceId));
    const stalled = run.ids.slice(faultFrom).flatMap((own) => [own[0], own[40]]);
    expect(stalled.filter((id) => all.has(id as string)).length / stalled.length).toBeGreaterThan(
      0.95,
    );
  });

  it('keeps a known share by a coin that depends on the id alone', () => {
    const coins = [{}, { storeFactor: 30 }].map((fate) => {
      const sampler = new AdaptiveSampler({ uniformShare: 0.02, burstTraces: 2000 });
      const { kept } = play(50, () => fate, { sampler });
      return kept.flat().flatMap(({ tier, trace }) => (tier === 'uniform' ? [trace.traceId] : []));
    });
    expect(coins[0]).toEqual(coins[1]);
    expect(coins[0]?.length).toBeGreaterThan(0.01 * 50 * perScrape);
    expect(coins[0]?.length).toBeLessThan(0.03 * 50 * perScrape);
  });

  it('chooses alike twice, and nothing twice', () => {
    const told = [1, 2].map(() => {
      const { kept } = play(40, (scrape, i) => ({ storeFails: (scrape * i) % 17 === 3 }));
      return kept.map((own) => own.map(({ trace, tier }) => `${trace.traceId} ${tier}`));
    });
    expect(told[0]).toEqual(told[1]);
    const ids = (told[0] as string[][]).flat().map((line) => line.split(' ')[0]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('never keeps more than its budget over any window of scrapes', () => {
    const burstTraces = 1000;
    const scrapes = fc.array(fc.record({ failing: fc.nat(30), slow: fc.nat(30) }), {
      minLength: 10,
      maxLength: 20,
    });
    fc.assert(
      fc.property(scrapes, fc.double({ min: 0.01, max: 0.2, noNaN: true }), (fates, budget) => {
        const sampler = new AdaptiveSampler({ budget, burstTraces });
        const fateOf = (scrape: number, i: number): Fate => {
          const { failing, slow } = fates[scrape] as (typeof fates)[number];
          return { storeFails: i < failing, storeFactor: i >= 40 && i < 40 + slow ? 50 : 1 };
        };
        const { kept } = play(fates.length, fateOf, { sampler });
        const counts = kept.map((own) => own.length);
        for (let from = 0; from < counts.length; from += 1) {
          let sum = 0;
          for (let to = from; to < counts.length; to += 1) {
            sum += counts[to] as number;
            const traces = (to + 1 - from) * perScrape;
            const saved = from === 0 ? 0 : Math.max(1, budget * burstTraces);
            expect(sum).toBeLessThanOrEqual(budget * traces + saved + 1e-6);
          }
        }
      }),
      { seed: 4, numRuns: 4 },
    );
  });
});

describe('a trace budget', () => {
  it('is kept over any window, whatever comes', () => {
    const steps = fc.array(fc.record({ traces: fc.nat(50), wanted: fc.nat(20) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (plan) => {
        const budget = new TraceBudget({ share: 0.05, burstTraces: 200 });
        const spent = plan.map(({ traces, wanted }) => {
          budget.earn(traces);
          return Array.from({ length: wanted }).filter(() => budget.trySpend(0)).length;
        });
        for (let from = 0; from < plan.length; from += 1) {
          let [kept, came] = [0, 0];
          for (let to = from; to < plan.length; to += 1) {
            kept += spent[to] as number;
            came += plan[to]?.traces ?? 0;
            const saved = from === 0 ? 0 : budget.capacity;
            expect(kept).toBeLessThanOrEqual(0.05 * came + saved + 1e-6);
          }
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
