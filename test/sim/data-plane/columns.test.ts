import { describe, expect, it } from 'vitest';
import {
  createColumns,
  createRows,
  type RowRun,
  rearrangeColumns,
  rearrangeRows,
} from '../../../sim/data-plane/columns.ts';

/** Runs that say where each row stood; −1: it is new. */
function runsOf(before: readonly number[]): RowRun[] {
  return before.map((first, to) => ({ first, to, count: 1 }));
}

const fields = ['a', 'b'] as const;

function filled(length: number): ReturnType<typeof createColumns<(typeof fields)[number]>> {
  const columns = createColumns(fields, length);
  for (let i = 0; i < length; i += 1) {
    columns.a[i] = 10 + i;
    columns.b[i] = 100 + i;
  }
  return columns;
}

describe('rows that move', () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['down, past one that is gone', [0, 1, 3, 4, 5]],
    ['down, with new ones behind', [1, 2, 3, 5, -1, -1]],
    ['up, behind a new one', [0, -1, 1, 2, 3, 4]],
    ['both ways', [-1, -1, 0, 1, 5]],
    ['in another order', [5, 0, 4, -1, 1]],
    ['into more room than there is', [0, 2, 3, 4, 5, ...Array.from({ length: 40 }, () => -1)]],
  ];
  for (const [name, before] of cases) {
    it(`keep what they hold: ${name}`, () => {
      const moved = rearrangeColumns(fields, filled(6), before.length, runsOf(before));
      expect([...moved.a]).toEqual(before.map((at) => (at < 0 ? 0 : 10 + at)));
      expect([...moved.b]).toEqual(before.map((at) => (at < 0 ? 0 : 100 + at)));
      const rows = createRows(12);
      for (let i = 0; i < 12; i += 1) rows[i] = i;
      const wide = rearrangeRows(2, rows, before.length, runsOf(before));
      expect([...wide]).toEqual(before.flatMap((at) => (at < 0 ? [0, 0] : [2 * at, 2 * at + 1])));
    });
  }

  it('stay in their memory as long as there is room', () => {
    const columns = filled(200);
    const fewer = rearrangeColumns(fields, columns, 199, [{ first: 1, to: 0, count: 199 }]);
    const more = rearrangeColumns(fields, fewer, 201, [
      { first: 0, to: 0, count: 199 },
      { first: -1, to: 199, count: 2 },
    ]);
    expect(more.b.buffer).toBe(columns.a.buffer);
    expect([more.b[0], more.b[198], more.b[199], more.b[200]]).toEqual([101, 299, 0, 0]);
  });
});
