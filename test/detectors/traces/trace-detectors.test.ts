import { describe, expect, it } from 'vitest';
import { restoreState, saveState } from '../../../detectors/checkpoint/checkpoint.ts';
import { assembleTraces } from '../../../detectors/traces/assemble-traces.ts';
import type { TraceDetector, TraceWindow } from '../../../detectors/traces/trace-detector.ts';
import { createTraceDetectors } from '../../../detectors/traces/trace-watch.ts';
import { type Fate, makeSpan, TracedShop } from './made-traces.ts';

const perScrape = 40;
const names = createTraceDetectors().map(({ name }) => name);

function create(name: string): TraceDetector {
  return createTraceDetectors().find((one) => one.name === name) as TraceDetector;
}

/** Windows of the shop; `fateOf` is told window and request. */
function windowsOf(
  count: number,
  fateOf: (window: number, i: number) => Fate = () => ({}),
  seed = 1,
): TraceWindow[] {
  const shop = new TracedShop(seed);
  const recorders = new Set<string>();
  return Array.from({ length: count }, (_, w) => ({
    untilMs: 15_000 * (w + 1),
    traces: assembleTraces(
      shop.scrape(perScrape, (i) => fateOf(w, i)),
      recorders,
    ),
  }));
}

/** Scores and then learns; what was found per window. */
function play(detector: TraceDetector, windows: readonly TraceWindow[]): string[][] {
  return windows.map((window) => {
    const found = detector.score(window).map(({ service, operation }) => `${service} ${operation}`);
    detector.learn(window);
    return found;
  });
}

describe.each(names)('trace detector %s', (name) => {
  const usual = windowsOf(120);
  const odd = windowsOf(4, () => ({ storeFactor: 40, asksAds: false }), 2);

  it('scores alike twice, and learns nothing by it', () => {
    const detector = create(name);
    play(detector, usual);
    const before = saveState({ kind: name, version: 1 }, detector);
    const first = detector.score(odd[0] as TraceWindow);
    expect(detector.score(odd[0] as TraceWindow)).toEqual(first);
    expect(saveState({ kind: name, version: 1 }, detector)).toEqual(before);
  });

  it('is quiet at first, and where nothing is wrong', () => {
    expect(create(name).score(odd[0] as TraceWindow)).toEqual([]);
    expect(play(create(name), usual).flat()).toEqual([]);
  });

  it('says what is wrong within a minute', () => {
    const detector = create(name);
    play(detector, usual);
    const found = play(detector, odd).flat();
    const expected = { self_time: 'store store/Get', structure: 'front front/Get' }[name];
    expect(found).toContain(expected ?? 'store front/Get');
  });

  it('goes on from a checkpoint as if it had never stopped', () => {
    const id = { kind: name, version: 1 };
    const whole = create(name);
    play(whole, usual);
    const half = create(name);
    play(half, usual.slice(0, 60));
    const restored = create(name);
    restoreState(id, saveState(id, half), restored);
    play(restored, usual.slice(60));
    expect(restored.score(odd[0] as TraceWindow)).toEqual(whole.score(odd[0] as TraceWindow));
    expect(saveState(id, restored)).toEqual(saveState(id, whole));
  });

  it('takes empty windows and traces of one span', () => {
    const detector = create(name);
    const traces = assembleTraces([makeSpan({ id: 'a', duration: 1 })], new Set());
    const windows = [[], traces].map((own, i) => ({ untilMs: 15_000 * i, traces: own }));
    expect(play(detector, windows).flat()).toEqual([]);
  });

  it('remembers a bounded number of operations', () => {
    const detector = create(name);
    const bytesAfter = (from: number): number => {
      const spans = Array.from({ length: 5000 }, (_, i) => {
        const operation = `Get/${from + i}`;
        return makeSpan({ id: 'a', trace: operation, operation, duration: 1 });
      });
      detector.learn({ untilMs: 0, traces: assembleTraces(spans, new Set()) });
      return saveState({ kind: name, version: 1 }, detector).length;
    };
    const full = bytesAfter(0);
    expect(bytesAfter(5000)).toBeLessThan(1.02 * full);
  });
});

describe('the critical path detector', () => {
  it('does not blame who only waits', () => {
    const detector = create('critical_path');
    play(detector, windowsOf(120));
    const found = play(
      detector,
      windowsOf(4, () => ({ storeFactor: 40 }), 2),
    ).flat();
    expect(new Set(found)).toEqual(new Set(['store front/Get']));
  });
});

describe('the structure detector', () => {
  it('tells what vanished, by how much of it is missed', () => {
    const detector = create('structure');
    const half = windowsOf(120, (_, i) => ({ asksAds: i % 2 === 0 }));
    expect(play(detector, half).flat()).toEqual([]);
    const gone = play(
      detector,
      windowsOf(2, () => ({ asksAds: true }), 2),
    );
    expect(gone[0]).toEqual(['front front/Get']);
  });
});
