import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columns, detect, scrapes, startMs, stepMs, wide } from './detect-input.ts';

describe('a detection that goes on', () => {
  const whole = wide(columns);
  const first = whole.slice(0, 206);
  // The second file overlaps with the first one, as hourly exports do.
  const second = [whole[0] as string, ...whole.slice(190)];

  it('finds in two parts what it finds in one', async () => {
    const undivided = await detect(whole, { isToSave: true });
    const one = await detect(first, { isToSave: true });
    expect(one.report.incidents).toMatchObject([{ id: 'inc-1', closedAtMs: null }]);
    const two = await detect(second, { state: one.state, isToSave: true });
    expect(two.report.framesSkipped).toBe(16);
    expect(two.report.incidents).toEqual(undivided.report.incidents);
    expect(Buffer.from(two.state ?? []).equals(Buffer.from(undivided.state ?? [1]))).toBe(true);
  });

  it('takes rates over the seam', async () => {
    const counter = (from: number, until: number): string[] =>
      Array.from({ length: until - from }, (_, i) => {
        const scrape = from + i;
        return `jobs_total ${120 * scrape} ${startMs / 1000 + 60 * scrape}`;
      });
    const format = 'openmetrics';
    const one = await detect(counter(0, 50), { format, isToSave: true });
    const two = await detect(counter(50, 60), { format, state: one.state });
    expect(two.curves[0]?.values).toEqual(Array.from({ length: 10 }, () => 2));
  });

  it('waits for what the next file has of the last interval', async () => {
    const format = 'openmetrics';
    const rows = Array.from({ length: scrapes }, (_, i) => {
      const at = startMs / 1000 + 60 * i;
      // One sample of one series is out of range, and comes after the other one's.
      const late = i === 250 ? 500 : columns.requests?.[i];
      return [`a ${columns.requests?.[i]} ${at + 10}`, `b ${late} ${at + 40}`];
    }).flat();
    const undivided = await detect(rows, { format, isToSave: true });
    expect(undivided.report.incidents.at(-1)?.openedAtMs).toBe(startMs + 251 * stepMs);
    const one = await detect(rows.slice(0, 501), { format, isToSave: true });
    expect(one.report).toMatchObject({ frames: 250, framesSkipped: 0 });
    for (const from of [501, 490]) {
      const two = await detect(rows.slice(from), { format, state: one.state, isToSave: true });
      expect(two.report.incidents.at(-1)).toEqual(undivided.report.incidents.at(-1));
      expect(two.report.frames).toBe(scrapes - 251);
      expect(Buffer.from(two.state ?? []).equals(Buffer.from(undivided.state ?? [1]))).toBe(true);
      const again = await detect(rows.slice(from), { format, state: two.state, isToSave: true });
      expect(again.state).toEqual(two.state);
    }
    // Without a state to wait in, the last interval counts as it is.
    expect((await detect(rows.slice(0, 501), { format })).report.frames).toBe(251);
  });

  it('goes on from a file of a single interval', async () => {
    const format = 'openmetrics';
    const sampleAt = (id: string, second: number) => `${id} 1 ${startMs / 1000 + second}`;
    const one = await detect([sampleAt('a', 3), sampleAt('b', 17), sampleAt('c', 31)], {
      format,
      isToSave: true,
    });
    expect(one.report.frames).toBe(0);
    const next = [sampleAt('a', 63), sampleAt('b', 77), sampleAt('c', 91)];
    expect((await detect(next, { format, state: one.state })).report.frames).toBe(2);
  });

  it('refuses the state of something else', async () => {
    const { state } = await detect(first, { isToSave: true });
    await expect(detect(second, { state, group: 'other' })).rejects.toThrow('settings: expected');
    await expect(detect(second, { state, detector: 'robust_z' })).rejects.toThrow('settings');
    await expect(detect(second, { state: Buffer.from('{}') })).rejects.toThrow(
      'state.bin: expected a checkpoint, got other bytes',
    );
    await expect(
      detect(first, { detector: 'ml_isolation_forest', isToSave: true }),
    ).rejects.toThrow('detector ml_isolation_forest cannot save its state');
  });

  it('makes every call of a file breakable: also its maker, save and restore', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-detect-'));
    const detector = join(folder, 'mine.ts');
    writeFileSync(
      detector,
      `const told = (what) => globalThis.calls.push(what + ' ' + globalThis.depth);
export const createDetector = (name) => {
  told('create');
  return {
    name,
    threshold: 1,
    score: ({ values }) => {
      told('score');
      const none = () => new Float64Array(values.length).fill(NaN);
      return { scores: none(), expected: none(), zScores: none() };
    },
    learn: () => told('learn'),
    save: () => {
      told('save');
      return new Uint8Array(1);
    },
    restore: () => told('restore'),
  };
};
`,
    );
    const seen = Object.assign(globalThis, { calls: [] as string[], depth: 0 });
    const callModule = <Result>(call: () => Result): Result => {
      seen.depth += 1;
      try {
        return call();
      } finally {
        seen.depth -= 1;
      }
    };
    const { state } = await detect(first, { detector, isToSave: true, callModule });
    await detect(second, { detector, state, callModule });
    const calls = ['create 1', 'score 2', 'learn 2', 'save 1', 'restore 1'];
    expect(new Set(seen.calls)).toEqual(new Set(calls));
  });

  it('has nothing to say of what it knows', async () => {
    const one = await detect(first, { isToSave: true });
    const again = await detect(first, { state: one.state, isToSave: true });
    expect(again.report).toMatchObject({ frames: 0, framesSkipped: 205, incidents: [] });
    expect(again.state).toEqual(one.state);
  });
});
