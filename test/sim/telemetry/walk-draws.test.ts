import { describe, expect, it } from 'vitest';
import { WalkDraws } from '../../../sim/telemetry/walk-draws.ts';

/** The ordinary draws of a request; `extra` makes one more after the second. */
function drawn(isPaired: boolean, extra: boolean): number[] {
  const draws = new WalkDraws(7, { isPaired });
  draws.begin(3);
  const first = [draws.next(), draws.next()];
  if (extra) draws.nextExtra();
  return [...first, draws.next(), draws.next()];
}

describe('draws that only a fault asks for', () => {
  it('leave all others as they are in paired walks', () => {
    expect(drawn(true, true)).toEqual(drawn(true, false));
  });

  it('are taken in turn otherwise', () => {
    expect(drawn(false, true).slice(0, 2)).toEqual(drawn(false, false).slice(0, 2));
    expect(drawn(false, true)[2]).toBe(drawn(false, false)[3]);
  });

  it('begin anew with each request', () => {
    const draws = new WalkDraws(7, { isPaired: true });
    const both = [1, 1].map((request) => {
      draws.begin(request);
      return [draws.next(), draws.nextExtra(), draws.request];
    });
    expect(both[0]).toEqual(both[1]);
    expect(both[0]?.[0]).not.toBe(both[0]?.[1]);
  });
});
