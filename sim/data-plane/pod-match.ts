import type { PodView } from '../cluster-view.ts';

/** Which pods of a view are those of an earlier one, by their numbers. */
export interface PodMatch {
  readonly earlier: readonly PodView[];
  /** Per pod the number that it had before; −1: it is new. */
  readonly before: Int32Array;
  /** Numbers of pods that look different, and of new ones. */
  readonly changed: Int32Array;
  /** Numbers that pods had which are gone. */
  readonly gone: Int32Array;
  /** Nobody came, went or has another number. */
  readonly isInPlace: boolean;
}

/** A pod is looked for so far ahead before all of them are listed. */
const aheadMax = 64;

/**
 * Finds the pods of one view in an earlier one. Views keep their order, and what has not changed is
 * the same object: two fingers find most pods without a look into them.
 */
export function matchPods(earlier: readonly PodView[], now: readonly PodView[]): PodMatch {
  const before = new Int32Array(now.length).fill(-1);
  const changed: number[] = [];
  const isLeft = new Uint8Array(earlier.length).fill(1);
  const find = createFinder(earlier, isLeft);
  let next = 0;
  for (let p = 0; p < now.length; p += 1) {
    const pod = now[p] as PodView;
    const at = earlier[next] === pod ? next : find(pod.uid, next);
    if (at < 0 || earlier[at] !== pod) changed.push(p);
    if (at < 0) continue;
    before[p] = at;
    isLeft[at] = 0;
    next = at + 1;
  }
  const gone = new Int32Array(earlier.length).map((_, at) => at).filter((at) => isLeft[at] === 1);
  return {
    earlier,
    before,
    changed: Int32Array.from(changed),
    gone,
    isInPlace: earlier.length === now.length && before.every((at, p) => at === p),
  };
}

/** Answers the number of a pod, probably a little ahead of `from`; −1 where there is none. */
function createFinder(
  pods: readonly PodView[],
  isLeft: Uint8Array,
): (uid: string, from: number) => number {
  let numbers: Map<string, number> | null = null;
  return (uid, from) => {
    const until = Math.min(pods.length, from + aheadMax);
    for (let at = from; at < until; at += 1) if (pods[at]?.uid === uid) return at;
    if (from >= pods.length) {
      // New pods mostly come behind all others; few have been passed over.
      let at = isLeft.indexOf(1);
      while (at >= 0 && pods[at]?.uid !== uid) at = isLeft.indexOf(1, at + 1);
      return at;
    }
    numbers ??= new Map(pods.map((pod, at) => [pod.uid, at]));
    return numbers.get(uid) ?? -1;
  };
}
