import { formatDuration } from '../core/tools/index.ts';

/** What stands where a figure does not exist. */
export const missing = '–';

/** A ratio (0 to 1) as percent; close to 100 % with enough digits to tell 99.9 from 99.99. */
export function percentText(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return missing;
  const percent = ratio * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  const digits = percent > 99 || percent < 1 ? 2 : 1;
  // Rounding must not turn "almost all" into "all".
  if (percent < 100 && Number(percent.toFixed(digits)) === 100) return '99.99 %';
  return `${percent.toFixed(digits)} %`;
}

/** Four significant digits, thin spaces between thousands, no trailing zeros. */
export function numberText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return missing;
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
  const [whole, fraction] = String(rounded).split('.');
  const grouped = (whole as string).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function durationText(durationMs: number | null): string {
  return durationMs === null ? missing : formatDuration(durationMs);
}

/** A time relative to another: `+12 s`, `−3 s`, `0 s`. */
export function offsetText(durationMs: number): string {
  if (durationMs === 0) return '0 s';
  return `${durationMs < 0 ? '−' : '+'}${formatDuration(Math.abs(durationMs))}`;
}

/** An instant of the run as a clock reading since its start: `12:05`, `1:02:05`. */
export function clockText(atMs: number): string {
  const sign = atMs < 0 ? '-' : '';
  const total = Math.floor(Math.abs(atMs) / 1000);
  const pad = (part: number): string => String(part).padStart(2, '0');
  const [hours, minutes, seconds] = [
    Math.floor(total / 3600),
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  return hours > 0
    ? `${sign}${hours}:${pad(minutes)}:${pad(seconds)}`
    : `${sign}${pad(minutes)}:${pad(seconds)}`;
}

/** A figure under its field name: the name's ending tells the unit. */
export function fieldText(name: string, value: number | boolean | null): string {
  if (value === null) return missing;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (name.endsWith('Ms')) return formatDuration(value);
  if (/availability|precision|recall|ratio|^f1$/i.test(name))
    return Number(value.toFixed(4)).toString();
  return numberText(value);
}
