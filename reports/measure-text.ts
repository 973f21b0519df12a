import type { Evaluation, PairedMeasure } from '../core/truth/index.ts';
import { missing, numberText } from './number-text.ts';

/** What people call a measure. */
export const measureNames: Readonly<Record<PairedMeasure, string>> = {
  recall: 'recall',
  falseIncidentsPerDay: 'false incidents a day',
  timeToDetectMs: 'time to detect',
  top1: 'top-1',
  recovered: 'recovered',
};

/** A value of a measure with its unit; seconds for times. */
export function measureText(measure: PairedMeasure, value: number | null): string {
  if (value === null) return missing;
  if (measure === 'timeToDetectMs') return `${(value / 1000).toFixed(1)} s`;
  return value.toFixed(measure === 'falseIncidentsPerDay' ? 2 : 3);
}

/** A difference with its sign and interval. */
export function changeText(
  measure: PairedMeasure,
  figure: {
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
  },
): string {
  const { value, low, high } = figure;
  if (value === null) return missing;
  const interval =
    low === null || high === null
      ? ''
      : ` [${measureText(measure, low)}, ${measureText(measure, high)}]`;
  return `${value > 0 ? '+' : ''}${measureText(measure, value)}${interval}`;
}

/** A p value to two significant digits; never 0. */
export function pText(p: number | null): string {
  if (p === null) return missing;
  return p < 0.001 ? '< 0.001' : p.toPrecision(2);
}

/** Over how much healthy time false incidents are counted; empty where there was none. */
export function healthyHoursText({ detection: { healthyHours } }: Evaluation): string {
  const hours = (healthyHours.value ?? 0) * healthyHours.n;
  if (hours === 0) return '';
  return `False incidents are counted over ${numberText(Math.round(hours))} healthy hours.`;
}

/** What a second evaluation of this size could tell from this one, in a sentence. */
export function detectableText({ minimumDetectableChange }: Evaluation): string {
  const parts = Object.entries(minimumDetectableChange).flatMap(([name, change]) => {
    const measure = name as PairedMeasure;
    return change === null ? [] : [`${measureNames[measure]} ${measureText(measure, change)}`];
  });
  if (parts.length === 0) return 'Too few trials to say which change would show.';
  return (
    'Smallest change that a second evaluation of this size would show (80 % power, other seeds; ' +
    `common seeds show smaller ones): ${parts.join(', ')}.`
  );
}

/** What is said of trials in which nothing was injected. */
export const leftOutReason = 'left out, since users were not well when the fault was due';
