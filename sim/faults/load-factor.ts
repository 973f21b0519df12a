import { componentName } from '../../core/observable/index.ts';
import type { Conditions, LoadFactor } from '../conditions.ts';
import type { FaultEffect } from './effect.ts';

/**
 * Multiplies the user request rate of one journey (`user/<journey>`) or of all (`user/*`). Its end
 * starts the way down; {@link dropSpentLoadFactors} clears it away afterwards.
 */
export const loadFactor: FaultEffect<LoadFactor> = {
  async begin(fault, { conditions, nowMs }) {
    const entry: LoadFactor = {
      journey: componentName(fault.target),
      factor: Number(fault.parameters.factor),
      startMs: nowMs,
      rampMs: Number(fault.parameters.rampMs ?? 0),
      endMs: null,
    };
    conditions.loadFactors.push(entry);
    return { ...entry };
  },
  async end(_fault, { journey, factor, startMs, rampMs }, { conditions, nowMs }) {
    // Two that agree in all of this are interchangeable.
    const mine = conditions.loadFactors.find(
      (entry) =>
        entry.endMs === null &&
        entry.journey === journey &&
        entry.factor === factor &&
        entry.startMs === startMs &&
        entry.rampMs === rampMs,
    );
    if (mine) mine.endMs = nowMs;
  },
};

/** Removes factors that have come down to one for good. */
export function dropSpentLoadFactors({ loadFactors }: Conditions, nowMs: number): void {
  for (let i = loadFactors.length - 1; i >= 0; i -= 1) {
    const { endMs, rampMs } = loadFactors[i] as LoadFactor;
    if (endMs !== null && endMs + rampMs <= nowMs) loadFactors.splice(i, 1);
  }
}
