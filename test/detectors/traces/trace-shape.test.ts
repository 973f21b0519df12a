import { describe, expect, it } from 'vitest';
import type { Span } from '../../../core/observable/index.ts';
import { assembleTraces, type Trace } from '../../../detectors/traces/assemble-traces.ts';
import { criticalTimes } from '../../../detectors/traces/critical-path.ts';
import { structureHash } from '../../../detectors/traces/structure-hash.ts';
import { makeSpan, TracedShop } from './made-traces.ts';

function assembleOne(spans: readonly Span[], recorders = new Set<string>()): Trace {
  const traces = assembleTraces(spans, recorders);
  expect(traces).toHaveLength(1);
  return traces[0] as Trace;
}

const call = { service: 'shop', kind: 'client' } as const;

describe('self time', () => {
  it('counts children that overlap once, and cuts off what outlives its parent', () => {
    const { selfMs } = assembleOne([
      makeSpan({ id: 'a', duration: 100 }),
      makeSpan({ ...call, id: 'b', parent: 'a', peer: 'x', start: 10, duration: 40 }),
      makeSpan({ ...call, id: 'c', parent: 'a', peer: 'y', start: 30, duration: 40 }),
      makeSpan({ ...call, id: 'd', parent: 'a', peer: 'z', start: 90, duration: 50 }),
    ]);
    expect([...selfMs]).toEqual([30, 40, 40, 50]);
  });

  it('of a client span is what the way took, however the clocks differ', () => {
    const { selfMs, startsMs } = assembleOne([
      makeSpan({ id: 'a', duration: 20 }),
      makeSpan({ ...call, id: 'b', parent: 'a', peer: 'cart', start: 2, duration: 10 }),
      makeSpan({ id: 'c', parent: 'b', service: 'cart', start: -4000, duration: 6 }),
    ]);
    expect([...selfMs]).toEqual([10, 4, 6]);
    expect([...startsMs]).toEqual([0, 2, 4]);
  });

  it('leaves sections of a process in the span around them', () => {
    const section = makeSpan({ id: 'b', parent: 'a', kind: 'internal', start: 5, duration: 60 });
    expect(assembleOne([makeSpan({ id: 'a', duration: 80 }), section]).selfMs[0]).toBe(80);
  });
});

describe('broken traces', () => {
  it('lack a parent, or the other side of a call that went well', () => {
    const root = makeSpan({ id: 'a', duration: 10 });
    const orphan = makeSpan({ id: 'c', parent: 'b', service: 'cart', duration: 3 });
    expect(assembleOne([root, orphan]).isBroken).toBe(true);
    const made = makeSpan({ ...call, id: 'b', parent: 'a', peer: 'cart', duration: 5 });
    expect(assembleOne([root, made]).isBroken).toBe(false);
    expect(assembleOne([root, made], new Set(['cart'])).isBroken).toBe(true);
    expect(assembleOne([root, { ...made, status: 'error' }], new Set(['cart'])).isBroken).toBe(
      false,
    );
  });

  it('that go in circles are cut open', () => {
    const trace = assembleOne([
      makeSpan({ id: 'a', parent: 'b', duration: 5 }),
      makeSpan({ id: 'b', parent: 'a', duration: 5 }),
      makeSpan({ id: 'c', parent: 'c', duration: 5 }),
    ]);
    expect(trace.isBroken).toBe(true);
    expect(criticalTimes(trace).every((ms) => ms >= 0)).toBe(true);
    expect(structureHash(trace)).toBeGreaterThan(0);
  });
});

describe('critical path', () => {
  it('of calls made at once, goes through the one that ended last', () => {
    const trace = assembleOne([
      makeSpan({ id: 'a', duration: 100 }),
      makeSpan({ ...call, id: 'fast', parent: 'a', peer: 'x', start: 10, duration: 30 }),
      makeSpan({ ...call, id: 'slow', parent: 'a', peer: 'y', start: 10, duration: 70 }),
      makeSpan({ ...call, id: 'before', parent: 'a', peer: 'z', start: 2, duration: 8 }),
    ]);
    expect([...criticalTimes(trace)]).toEqual([22, 0, 70, 8]);
  });

  it('ends with the parent where a child goes on', () => {
    const trace = assembleOne([
      makeSpan({ id: 'a', duration: 50 }),
      makeSpan({ ...call, id: 'b', parent: 'a', peer: 'x', start: 40, duration: 500 }),
    ]);
    expect([...criticalTimes(trace)]).toEqual([40, 10]);
  });

  it('adds up to the time of the request', () => {
    for (const trace of assembleTraces(new TracedShop(3).scrape(50), new Set())) {
      const sum = criticalTimes(trace).reduce((all, ms) => all + ms, 0);
      expect(sum).toBeCloseTo((trace.spans[trace.root] as Span).durationMs, 6);
    }
  });
});

describe('structure', () => {
  const root = makeSpan({ id: 'a', duration: 10 });
  const cart = makeSpan({ id: 'b', parent: 'a', service: 'cart', duration: 1 });
  const ads = makeSpan({ id: 'c', parent: 'a', service: 'ads', duration: 1 });
  const again = makeSpan({ id: 'd', parent: 'a', service: 'cart', duration: 1 });

  it('is blind to order, repetition and outcome, not to who is called', () => {
    const usual = structureHash(assembleOne([root, cart, ads]));
    expect(structureHash(assembleOne([root, ads, cart]))).toBe(usual);
    expect(structureHash(assembleOne([root, cart, ads, again]))).toBe(usual);
    expect(structureHash(assembleOne([{ ...root, status: 'error' }, cart, ads]))).toBe(usual);
    expect(structureHash(assembleOne([root, cart]))).not.toBe(usual);
    const below = makeSpan({ id: 'c', parent: 'b', service: 'ads', duration: 1 });
    expect(structureHash(assembleOne([root, cart, below]))).not.toBe(usual);
  });
});
