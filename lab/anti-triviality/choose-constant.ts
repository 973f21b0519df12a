/** What one recording says of a one-liner: it is solved by constants in [elsewhere, inTime). */
export interface SolvedBy {
  readonly elsewhere: number;
  readonly inTime: number;
}

/** Whether `score > constant` alarms in time and nowhere else. */
export function isSolved({ elsewhere, inTime }: SolvedBy, constant: number): boolean {
  return inTime > constant && constant >= elsewhere;
}

/**
 * The constant that solves the most recordings: the point that most intervals cover, in the middle
 * of that stretch. Cost: O(n log n). It is an oracle's choice on these recordings, so it must be
 * judged on others.
 */
export function chooseConstant(intervals: readonly SolvedBy[]): number {
  const points: { at: number; step: 1 | -1 }[] = [];
  for (const { elsewhere, inTime } of intervals) {
    if (!(inTime > elsewhere)) continue;
    points.push({ at: Number.isFinite(elsewhere) ? elsewhere : inTime - 1, step: 1 });
    points.push({ at: inTime, step: -1 });
  }
  points.sort((a, b) => a.at - b.at || a.step - b.step);
  let best = { covered: 0, constant: Number.POSITIVE_INFINITY };
  let covered = 0;
  points.forEach(({ at, step }, i) => {
    covered += step;
    const next = points[i + 1]?.at ?? at;
    if (covered > best.covered) best = { covered, constant: (at + next) / 2 };
  });
  return best.constant;
}

/**
 * Frames of one recording scored by one metric; `isEvent` marks those in which an alarm is right.
 */
export interface ScoredFrames {
  readonly row: Float64Array;
  readonly isEvent: readonly boolean[];
  readonly isFaulty: boolean;
}

/** An alarm that goes on is a new call for somebody after so many frames (ten minutes). */
const calledAgainFrames = 40;

/**
 * Event F1 of a threshold: an event is found by any alarm in it; elsewhere alarms in a row are one
 * per ten minutes, since an alarm that never stops would otherwise be nearly right.
 */
export function eventF1(recordings: readonly ScoredFrames[], constant: number): number {
  let [found, missed, wrong] = [0, 0, 0];
  for (const { row, isEvent, isFaulty } of recordings) {
    let isFound = false;
    let inRow = 0;
    for (let i = 0; i < row.length; i += 1) {
      const alarms = (row[i] as number) > constant;
      if (alarms && isEvent[i]) isFound = true;
      const isWrong = alarms && isEvent[i] === false;
      if (isWrong && inRow % calledAgainFrames === 0) wrong += 1;
      inRow = isWrong ? inRow + 1 : 0;
    }
    if (isFaulty) {
      if (isFound) found += 1;
      else missed += 1;
    }
  }
  const all = 2 * found + missed + wrong;
  return all > 0 ? (2 * found) / all : 0;
}

const thresholdsTried = 60;

/** The threshold with the best event F1 among quantiles of all scores, denser towards the top. */
export function chooseThreshold(recordings: readonly ScoredFrames[]): number {
  const scores = Float64Array.from(
    recordings.flatMap(({ row }) => Array.from(row).filter((score) => !Number.isNaN(score))),
  ).sort();
  let best = { f1: -1, constant: Number.POSITIVE_INFINITY };
  for (let k = 0; k < thresholdsTried; k += 1) {
    // Shares above the threshold from a half down to one frame in thousands.
    const share = 0.5 * Math.exp(-k / 8);
    const at = Math.min(scores.length - 1, Math.floor((1 - share) * scores.length));
    const constant = scores[at] ?? Number.POSITIVE_INFINITY;
    const f1 = eventF1(recordings, constant);
    if (f1 > best.f1) best = { f1, constant };
  }
  return best.constant;
}
