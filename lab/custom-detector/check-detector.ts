import type { Detector, MetricsFrame } from '../../core/observable/index.ts';
import { FiredrillError } from '../../core/tools/index.ts';
import { recordFrames } from './record-frames.ts';

/** What one rule of the detectors' contract came to. */
export interface DetectorCheck {
  readonly rule: string;
  /** What was wrong; null when the detector keeps the rule. */
  readonly problem: string | null;
}

type Make = () => Promise<Detector>;
type Check = (make: Make, frames: readonly MetricsFrame[]) => Promise<string | null>;

const checks: Readonly<Record<string, Check>> = {
  'plays a run with a fault and new pods': playsARun,
  'equal seeds give equal scores': repeatsItself,
  'score leaves no trace': scoreLeavesNoTrace,
  'what was not scraped is no alarm': gapsAreQuiet,
  'constant input is no alarm': constantIsQuiet,
  'saved and restored, it goes on alike': restores,
};

/** Holds a detector against the contract, on frames of the twin; some seconds. */
export async function checkDetector(make: Make): Promise<readonly DetectorCheck[]> {
  // One that cannot be made at all has no contract to keep.
  await make();
  const frames = await recordFrames();
  const results: DetectorCheck[] = [];
  for (const [rule, check] of Object.entries(checks)) {
    results.push({ rule, problem: await problemOf(() => check(make, frames)) });
  }
  return results;
}

async function problemOf(check: () => Promise<string | null>): Promise<string | null> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof FiredrillError && error.exitCode === 2) return error.message;
    throw error;
  }
}

async function playsARun(make: Make, frames: readonly MetricsFrame[]): Promise<string | null> {
  const detector = await make();
  const columns = new Set(frames.map(({ values }) => values.length));
  for (const frame of frames) step(detector, frame);
  return columns.size > 1 ? null : 'the recorded run made no new columns';
}

async function repeatsItself(make: Make, frames: readonly MetricsFrame[]): Promise<string | null> {
  const [a, b] = [await make(), await make()];
  return firstDifference(frames, (frame) => [step(a, frame), step(b, frame)]);
}

async function scoreLeavesNoTrace(
  make: Make,
  frames: readonly MetricsFrame[],
): Promise<string | null> {
  const [asked, untouched] = [await make(), await make()];
  return firstDifference(frames, (frame) => {
    // Values that are never learnt must not leave anything behind.
    asked.score({ ...frame, values: frame.values.map((value) => 3 * value + 1) });
    return [step(asked, frame), step(untouched, frame)];
  });
}

async function gapsAreQuiet(make: Make, frames: readonly MetricsFrame[]): Promise<string | null> {
  const detector = await make();
  for (const frame of frames) {
    const gap = { ...frame, values: frame.values.map((value, i) => (i % 7 === 0 ? NaN : value)) };
    const scores = step(detector, gap);
    const column = scores.findIndex(
      (score, i) => score >= detector.threshold && Number.isNaN(gap.values[i]),
    );
    if (column >= 0) return `scored ${scores[column]} where the value is NaN (column ${column})`;
  }
  return null;
}

async function constantIsQuiet(
  make: Make,
  frames: readonly MetricsFrame[],
): Promise<string | null> {
  const detector = await make();
  // In good health: a cluster that starts up has real symptoms.
  const frame = frames.findLast(({ atMs }) => atMs <= 0) as MetricsFrame;
  let alarms = 0;
  for (let scrape = 0; scrape < 200; scrape += 1) {
    const scores = step(detector, { ...frame, atMs: frame.atMs + scrape * 15_000 });
    alarms += scores.filter((score) => score >= detector.threshold).length;
  }
  const allowed = 1e-3 * 200 * frame.values.length;
  return alarms <= allowed ? null : `${alarms} alarms on values that never change`;
}

async function restores(make: Make, frames: readonly MetricsFrame[]): Promise<string | null> {
  const [going, fresh] = [await make(), await make()];
  if (!going.save || !fresh.restore) return null;
  const half = frames.length >> 1;
  for (const frame of frames.slice(0, half)) step(going, frame);
  fresh.restore(going.save());
  return firstDifference(frames.slice(half), (frame) => [step(going, frame), step(fresh, frame)]);
}

function step(detector: Detector, frame: MetricsFrame): Float64Array {
  const scores = detector.score(frame).scores.slice();
  detector.learn(frame);
  return scores;
}

function firstDifference(
  frames: readonly MetricsFrame[],
  both: (frame: MetricsFrame) => readonly [Float64Array, Float64Array],
): string | null {
  for (const [number, frame] of frames.entries()) {
    const [a, b] = both(frame);
    const column = a.findIndex((score, i) => !Object.is(score, b[i]));
    if (column >= 0) return `frame ${number}, column ${column}: ${a[column]} against ${b[column]}`;
  }
  return null;
}
