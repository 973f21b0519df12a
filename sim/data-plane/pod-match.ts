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

/** Several parts of a twin compare the same two views, one after the other. */
const last: { now: readonly PodView[]; match: PodMatch | null } = { now: [], match: null };

/**
 * Finds the pods of one view in an earlier one. Views keep their order, and what has not changed is
 * the same object: two fingers find most pods without a look into them.
 */
export function matchPods(earlier: readonly PodView[], now: readonly PodView[]): PodMatch {
  if (last.match?.earlier === earlier && last.now === now) return last.match;
  last.match = createMatch(earlier, now);
  last.now = now;
  return last.match;
}

function createMatch(earlier: readonly PodView[], now: readonly PodView[]): PodMatch {
  const before = new Int32Array(now.length).fill(-1);
  const changed: number[] = [];
  const isLeft = new Uint8Array(earlier.length).fill(1);
  const find = createFinder(earlier, isLeft);
  let isInPlace = earlier.length === now.length;
  let next = 0;
  for (let p = 0; p < now.length; p += 1) {
    const pod = now[p] as PodView;
    const isNext = next < earlier.length && earlier[next] === pod;
    const at = isNext ? next : find(pod.uid, next);
    if (!isNext && (at < 0 || earlier[at] !== pod)) changed.push(p);
    if (at !== p) isInPlace = false;
    if (at < 0) continue;
    before[p] = at;
    isLeft[at] = 0;
    next = at + 1;
  }
  const gone: number[] = [];
  for (let at = isLeft.indexOf(1); at >= 0; at = isLeft.indexOf(1, at + 1)) gone.push(at);
  return {
    earlier,
    before,
    changed: Int32Array.from(changed),
    gone: Int32Array.from(gone),
    isInPlace,
  };
}

/**
 * Calls back for every run of pods whose numbers moved together; new pods (`first` −1) one by one.
 */
export function eachRun(
  before: Int32Array,
  run: (rows: { readonly first: number; readonly to: number; readonly count: number }) => void,
): void {
  for (let p = 0; p < before.length; ) {
    const first = before[p] as number;
    let count = 1;
    if (first >= 0) while (before[p + count] === first + count) count += 1;
    run({ first, to: p, count });
    p += count;
  }
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
