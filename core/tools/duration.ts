import { InputError } from './errors.ts';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** What {@link parseDurationMs} reads. */
export const durationPattern: RegExp = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/**
 * Reads a duration such as `250ms`, `5m` or `1h30m` into milliseconds.
 * A bare number is refused: it would hide its unit.
 */
export function parseDurationMs(text: string): number {
  const trimmed = text.trim();
  if (!durationPattern.test(trimmed)) {
    throw new InputError(
      `expected a duration such as 250ms, 30s, 5m or 1h30m, got ${JSON.stringify(text)}`,
    );
  }
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (unitMs[unit as string] as number);
  }
  return Math.round(total);
}

/**
 * Writes milliseconds for machines, in the largest unit that is exact: `5m`, `90s`, `1500ms`.
 * {@link parseDurationMs} and Go's `time.ParseDuration` read it back.
 */
export function renderDuration(durationMs: number): string {
  const ms = Math.round(durationMs);
  for (const unit of ['h', 'm', 's'] as const) {
    const size = unitMs[unit] as number;
    if (ms % size === 0 && (ms !== 0 || unit === 's')) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** Writes milliseconds for people: `850 ms`, `42 s`, `3 m 20 s`, `1 h 5 m`. */
export function formatDuration(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '';
  const ms = Math.abs(durationMs);
  if (ms < 1000) return `${sign}${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${sign}${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${minutes} m${seconds % 60 ? ` ${seconds % 60} s` : ''}`;
  const hours = Math.floor(minutes / 60);
  return `${sign}${hours} h${minutes % 60 ? ` ${minutes % 60} m` : ''}`;
}
