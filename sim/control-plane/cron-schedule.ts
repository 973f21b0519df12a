import { formatInstant, virtualEpochMs } from '../../core/tools/index.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Minute, hour, day of month, month, day of week. */
const bounds = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;
const fieldPattern = /^(\*|\d+(?:-\d+)?)(?:\/(\d+))?$/;
/** Every date comes up within four years. */
const horizonMs = 4 * 366 * dayMs;

/**
 * The next virtual instant (ms, a whole minute of UTC) after `afterMs` that a crontab line of five
 * fields names; null when it is no such line or names none.
 */
export function nextCronMs(schedule: string, afterMs: number): number | null {
  const parts = schedule.trim().split(/\s+/);
  const sets = parts.map((part, index) => parseField(part, bounds[index]));
  if (sets.length !== bounds.length || sets.some((set) => set === null)) return null;
  const [minutes, hours, days, months, weekdays] = sets as Set<number>[];
  const isEither = parts[2] !== '*' && parts[4] !== '*';
  let atMs = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
  const untilMs = afterMs + horizonMs;
  while (atMs < untilMs) {
    const [month, day, hour, minute] = calendar(atMs);
    const onDay = days?.has(day) ?? false;
    const onWeekday = weekdays?.has(weekdayOf(atMs)) ?? false;
    const isDay = isEither ? onDay || onWeekday : onDay && onWeekday;
    if (!months?.has(month) || !isDay) atMs += dayMs - (hour * 60 + minute) * minuteMs;
    else if (!hours?.has(hour)) atMs += (60 - minute) * minuteMs;
    else if (!minutes?.has(minute)) atMs += minuteMs;
    else return atMs;
  }
  return null;
}

function calendar(atMs: number): [month: number, day: number, hour: number, minute: number] {
  const text = formatInstant(atMs);
  const at = (from: number): number => Number(text.slice(from, from + 2));
  return [at(5), at(8), at(11), at(14)];
}

/** 0 is Sunday; 1 January 1970 was a Thursday. */
function weekdayOf(atMs: number): number {
  return (Math.floor((virtualEpochMs + atMs) / dayMs) + 4) % 7;
}

function parseField(
  text: string,
  bound: readonly [number, number] | undefined,
): Set<number> | null {
  const values = new Set<number>();
  if (bound === undefined) return null;
  for (const item of text.split(',')) {
    const match = fieldPattern.exec(item);
    if (match === null) return null;
    const [, range = '', step = '1'] = match;
    const [low, high] = range.split('-').map(Number);
    const isStar = range === '*';
    const first = isStar ? bound[0] : (low as number);
    const last = isStar || (high === undefined && match[2]) ? bound[1] : (high ?? first);
    for (let value = first; value <= last; value += Math.max(1, Number(step))) values.add(value);
  }
  return values;
}
