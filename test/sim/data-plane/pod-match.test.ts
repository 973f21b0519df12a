import { describe, expect, it } from 'vitest';
import type { PodView } from '../../../sim/cluster-view.ts';
import { matchPods } from '../../../sim/data-plane/pod-match.ts';

const podOf = (uid: string): PodView => ({ uid }) as PodView;
const view = Array.from({ length: 300 }, (_, i) => podOf(`pod-${i}`));

describe('pods of one view in another', () => {
  it('are all where they were in a view that tells nothing new', () => {
    const { before, changed, gone, isInPlace } = matchPods(view, [...view]);
    expect([...before]).toEqual([...view.keys()]);
    expect([changed.length, gone.length, isInPlace]).toEqual([0, 0, true]);
  });

  it('keep their numbers when they only look different', () => {
    const now = view.with(7, podOf('pod-7'));
    const { before, changed, isInPlace } = matchPods(view, now);
    expect([...changed]).toEqual([7]);
    expect([before[7], isInPlace]).toEqual([7, true]);
  });

  it('are followed past those that are gone, however many, and before those that are new', () => {
    const now = [...view.slice(2, 10), podOf('early'), ...view.slice(150), podOf('late')];
    const { before, changed, gone, isInPlace } = matchPods(view, now);
    const expected = now.map((pod) => view.indexOf(pod));
    expect([...before]).toEqual(expected);
    expect([...changed]).toEqual([8, now.length - 1]);
    expect([...gone]).toEqual([0, 1, ...Array.from({ length: 140 }, (_, i) => 10 + i)]);
    expect(isInPlace).toBe(false);
  });

  it('are found in any order', () => {
    const now = [...view.slice(100), ...view.slice(0, 100)].reverse();
    const { before, changed, gone } = matchPods(view, now);
    expect([...before]).toEqual(now.map((pod) => view.indexOf(pod)));
    expect([changed.length, gone.length]).toEqual([0, 0]);
  });
});
