import { formatInstant, InputError, UsageError, virtualEpochMs } from '../core/tools/index.ts';
import type { TwinSpec } from '../core/truth/index.ts';
import { displayPath, readTextFile } from './source-files.ts';

/** What was taken from a recording, in its own clock. */
export interface RecordingReport {
  /** First minute of the window, `YYYY-MM-DD HH:MM:SS`. */
  readonly from: string;
  readonly minutes: number;
  /** Minutes of the window that the file lacks and that were interpolated. */
  readonly interpolated: readonly string[];
  /** Mean of the recorded rate over the window, requests/s, before scaling. */
  readonly meanPerSec: number;
  /** What every recorded rate was multiplied by. */
  readonly factor: number;
}

/** Counts on a full grid of minutes; `missing` marks those that were filled in. */
interface Recording {
  readonly startMs: number;
  readonly counts: Float64Array;
  readonly missing: Uint8Array;
}

const minuteMs = 60_000;
/** Ten years of minutes: a wrong year in one line must not ask for gigabytes. */
const minutesMax = 5_260_000;

/**
 * The same twin driven by a recorded request rate: a CSV with the header `period,count` and one
 * line per minute. The recording covers `durationMs` from `startMs` on; without `from` it is the
 * busiest window of that length. `mean` scales the window to the mean rate of the spec's workload.
 */
export function withRecordedWorkload(
  spec: TwinSpec,
  options: {
    file: string;
    from?: string | undefined;
    scale: 'mean' | 'absolute';
    startMs: number;
    durationMs: number;
  },
): { spec: TwinSpec; report: RecordingReport } {
  const recording = readRecording(options.file);
  const minutes = Math.max(1, Math.ceil(options.durationMs / minuteMs));
  const first = chooseWindow(recording, minutes, options);
  const window = recording.counts.subarray(first, first + minutes);
  const meanPerSec = window.reduce((sum, count) => sum + count, 0) / minutes / 60;
  if (options.scale === 'mean' && meanPerSec === 0) {
    throw new InputError(
      `${displayPath(options.file)}: cannot scale a window without any request`,
      {
        hint: 'choose another --workload-from, or --workload-scale absolute',
      },
    );
  }
  const factor = options.scale === 'mean' ? spec.workload.requestsPerSec / meanPerSec : 1;
  const report: RecordingReport = {
    from: formatMinute(recording, first),
    minutes,
    interpolated: missingMinutes(recording, first, minutes),
    meanPerSec,
    factor,
  };
  // A count is the mean over its minute, so it stands for the minute's middle.
  const startMs = options.startMs + minuteMs / 2;
  const requestsPerSec = Array.from(window, (count) => (count / 60) * factor);
  const workload = { ...spec.workload, recording: { startMs, stepMs: minuteMs, requestsPerSec } };
  return { spec: { ...spec, workload }, report };
}

function chooseWindow(
  recording: Recording,
  minutes: number,
  { file, from }: { file: string; from?: string | undefined },
): number {
  const { counts } = recording;
  if (counts.length < minutes) {
    throw new InputError(
      `${displayPath(file)}: the run needs ${minutes} minutes, the recording has ${counts.length}`,
      { hint: 'use a longer recording or a shorter run' },
    );
  }
  const last = counts.length - minutes;
  if (from === undefined) return busiestWindow(counts, minutes);
  const fromMs = parsePeriod(from);
  const first = (fromMs - recording.startMs) / minuteMs;
  if (Number.isInteger(first) && first >= 0 && first <= last) return first;
  const range = `${formatMinute(recording, 0)} to ${formatMinute(recording, last)}`;
  throw new UsageError(
    `the window of ${minutes} minutes must start at a minute from ${range}, got "${from}"`,
    'write it as YYYY-MM-DD HH:MM:SS, or leave it out for the busiest window',
  );
}

/** The first of the windows with the largest sum. */
function busiestWindow(counts: Float64Array, minutes: number): number {
  let sum = 0;
  for (let i = 0; i < minutes; i += 1) sum += counts[i] as number;
  let best = sum;
  let bestStart = 0;
  for (let start = 1; start + minutes <= counts.length; start += 1) {
    sum += (counts[start + minutes - 1] as number) - (counts[start - 1] as number);
    if (sum > best) {
      best = sum;
      bestStart = start;
    }
  }
  return bestStart;
}

function readRecording(file: string): Recording {
  const shown = displayPath(file);
  const lines = readTextFile(file).split(/\r?\n/);
  const refuse = (line: number, column: number, message: string, hint?: string): never => {
    const position = { file: shown, line, column };
    throw new InputError(message, hint === undefined ? { position } : { position, hint });
  };
  if (lines[0] !== 'period,count') {
    refuse(1, 1, `expected the header "period,count", got ${JSON.stringify(lines[0])}`);
  }
  const times: number[] = [];
  const values: number[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const text = lines[index] as string;
    if (text === '' && index === lines.length - 1) break;
    const comma = text.indexOf(',');
    const atMs = comma < 0 ? Number.NaN : parsePeriod(text.slice(0, comma));
    if (Number.isNaN(atMs)) {
      refuse(
        index + 1,
        1,
        `expected a minute as YYYY-MM-DD HH:MM:00 and a count, got ${JSON.stringify(text)}`,
      );
    }
    const count = text.slice(comma + 1);
    if (!/^\d+(\.\d+)?$/.test(count)) {
      refuse(index + 1, comma + 2, `expected a count of at least 0, got ${JSON.stringify(count)}`);
    }
    const previous = times.at(-1);
    if (previous !== undefined && atMs <= previous) {
      refuse(
        index + 1,
        1,
        'expected a later minute than on the line before',
        'sort the lines by period',
      );
    }
    if (atMs - (times[0] ?? atMs) >= minutesMax * minuteMs) {
      refuse(
        index + 1,
        1,
        'expected a recording of less than ten years',
        'check the year on this line',
      );
    }
    times.push(atMs);
    values.push(Number(count));
  }
  if (times.length === 0) refuse(2, 1, 'expected at least one minute, got none');
  return fillGaps(times, values);
}

/** Puts the counts on a full grid and draws a straight line over each gap. */
function fillGaps(times: readonly number[], values: readonly number[]): Recording {
  const startMs = times[0] as number;
  const length = ((times.at(-1) as number) - startMs) / minuteMs + 1;
  const counts = new Float64Array(length);
  const missing = new Uint8Array(length).fill(1);
  let before = 0;
  times.forEach((atMs, index) => {
    const at = (atMs - startMs) / minuteMs;
    counts[at] = values[index] as number;
    missing[at] = 0;
    const from = counts[before] as number;
    for (let gap = before + 1; gap < at; gap += 1) {
      counts[gap] = from + (((counts[at] as number) - from) * (gap - before)) / (at - before);
    }
    before = at;
  });
  return { startMs, counts, missing };
}

/** A whole minute as ms since 1970, read as UTC; NaN for anything else. */
function parsePeriod(text: string): number {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(?::00)?Z?$/.exec(text) ?? [];
  return day === undefined ? Number.NaN : Date.parse(`${day}T${time}:00Z`);
}

function formatMinute(recording: Recording, index: number): string {
  const atMs = recording.startMs + index * minuteMs;
  return formatInstant(atMs - virtualEpochMs)
    .slice(0, 19)
    .replace('T', ' ');
}

function missingMinutes(recording: Recording, first: number, minutes: number): string[] {
  const found: string[] = [];
  for (let index = first; index < first + minutes; index += 1) {
    if (recording.missing[index] === 1) found.push(formatMinute(recording, index));
  }
  return found;
}
