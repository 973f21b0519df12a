import { mean } from '../../core/tools/index.ts';
import type { PairedMeasure } from '../../core/truth/index.ts';
import type { OutcomePair } from './trial-outcome.ts';

/** What one pair says of a measure. */
export interface PairValue {
  readonly scenario: string;
  readonly first: number;
  readonly second: number;
}

interface MeasureRule {
  readonly better: 'higher' | 'lower';
  readonly isBinary: boolean;
  /** Null where the pair says nothing of it. */
  readonly read: (pair: OutcomePair) => { first: number; second: number } | null;
}

/**
 * A detection that takes longer counts as this long: one very late one must not outweigh all
 * others.
 */
const delayMaxMs = 600_000;

/**
 * How each measure is read off a pair. False incidents are counts here, and become a rate by the
 * hours of all pairs; delays are compared where both sides detected, recall tells of the others.
 */
export const measureRules: Readonly<Record<PairedMeasure, MeasureRule>> = {
  recall: {
    better: 'higher',
    isBinary: true,
    read: ({ first, second }) => both(first.detected, second.detected),
  },
  falseIncidentsPerDay: {
    better: 'lower',
    isBinary: false,
    read: ({ first, second }) =>
      first.healthyHours > 0 && second.healthyHours > 0
        ? { first: first.falseIncidents, second: second.falseIncidents }
        : null,
  },
  timeToDetectMs: {
    better: 'lower',
    isBinary: false,
    read: ({ first, second }) => both(cut(first.timeToDetectMs), cut(second.timeToDetectMs)),
  },
  top1: {
    better: 'higher',
    isBinary: true,
    read: ({ first, second }) => both(first.top1, second.top1),
  },
  recovered: {
    better: 'higher',
    isBinary: true,
    read: ({ first, second }) => both(first.recovered, second.recovered),
  },
};

/** The pairs that say something of a measure. */
export function readPairs(pairs: readonly OutcomePair[], measure: PairedMeasure): PairValue[] {
  return pairs.flatMap((pair) => {
    const values = measureRules[measure].read(pair);
    return values ? [{ scenario: pair.second.scenario, ...values }] : [];
  });
}

/** By what a mean per pair must be multiplied to be in the measure's unit: 1, or pairs per day. */
export function unitFactor(pairs: readonly OutcomePair[], measure: PairedMeasure): number {
  if (measure !== 'falseIncidentsPerDay') return 1;
  const hours = pairs
    .filter((pair) => measureRules[measure].read(pair) !== null)
    .map(({ first, second }) => (first.healthyHours + second.healthyHours) / 2);
  return hours.length === 0 ? 1 : 24 / mean(hours);
}

function both(
  first: number | null,
  second: number | null,
): { first: number; second: number } | null {
  return first === null || second === null ? null : { first, second };
}

function cut(delayMs: number | null): number | null {
  return delayMs === null ? null : Math.min(delayMs, delayMaxMs);
}
