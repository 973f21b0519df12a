import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../core/observable/index.ts';
import { LogWatcher } from '../../../detectors/index.ts';

/** Ten lines a window from each of two pods; nothing but errors from window 300 on. */
function logsOf(window: number): LogRecord[] {
  return Array.from({ length: 20 }, (_, i) => {
    const pod = i % 2 === 0 ? 'cart-a' : 'cart-b';
    const isBroken = window >= 300;
    return {
      atMs: 15_000 * window,
      severity: isBroken ? 'ERROR' : 'INFO',
      body: isBroken ? `connection ${i} to orders refused` : `served ${window * i} in ${i} ms`,
      resource: { service: 'cart', pod, node: 'n', zone: 'z', region: 'r', release: 'v1' },
      traceId: null,
      spanId: null,
    };
  });
}

function watch(watcher: LogWatcher, from: number, until: number) {
  return Array.from({ length: until - from }, (_, i) =>
    watcher.observe({ untilMs: 15_000 * (from + i + 1), logs: logsOf(from + i) }),
  );
}

describe('the watcher of logs', () => {
  it('gives evidence with component, detector and template once something changes', () => {
    const found = watch(new LogWatcher(), 0, 310);
    expect(found.slice(0, 300).flat()).toEqual([]);
    const evidence = found.slice(300).flat();
    expect(new Set(evidence.map(({ component }) => component))).toEqual(new Set(['service/cart']));
    expect(evidence[0]).toMatchObject({ atMs: 15_000 * 301 });
    expect(evidence.every(({ strength }) => strength >= 1)).toBe(true);
    expect(evidence.map(({ template }) => template)).toContain('connection <*> to orders refused');
    expect(new Set(evidence.map(({ detector }) => detector)).size).toBeGreaterThan(2);
  });

  it('looks at each template alone, where that is asked for', () => {
    const watcher = new LogWatcher('templates');
    const names = ['new_template', 'log_rate_change', 'log_disappearance'];
    expect(watcher.detectors).toEqual(names);
    const found = new Set(
      watch(watcher, 0, 310)
        .flat()
        .map(({ detector }) => detector),
    );
    expect(found.size).toBeGreaterThan(0);
    expect(new LogWatcher().detectors).toEqual(expect.arrayContaining(names));
    expect(() => new LogWatcher().restore(watcher.save())).toThrow();
  });

  it('goes on to the byte where it was saved, and refuses damaged bytes', () => {
    const watcher = new LogWatcher();
    watch(watcher, 0, 150);
    const bytes = watcher.save();
    const other = new LogWatcher();
    other.restore(bytes);
    expect(watch(other, 150, 320)).toEqual(watch(watcher, 150, 320));
    expect(other.save()).toEqual(watcher.save());
    bytes[40]! ^= 1;
    expect(() => new LogWatcher().restore(bytes)).toThrow(/damaged/);
  });
});
