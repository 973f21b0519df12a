import { componentName } from '../../core/observable/index.ts';
import type { FaultEffect } from './effect.ts';

/** Multiplies the user request rate of one journey (`user/<journey>`) or of all (`user/*`). */
export const loadFactor: FaultEffect<{ startMs: number }> = {
  async begin(fault, { conditions, nowMs }) {
    conditions.loadFactors.push({
      journey: componentName(fault.target),
      factor: Number(fault.parameters.factor),
      startMs: nowMs,
      rampMs: Number(fault.parameters.rampMs ?? 0),
      endMs: null,
    });
    return { startMs: nowMs };
  },
  async end(fault, { startMs }, { conditions, nowMs }) {
    const journey = componentName(fault.target);
    const mine = conditions.loadFactors.find(
      (entry) => entry.journey === journey && entry.startMs === startMs && entry.endMs === null,
    );
    if (mine) mine.endMs = nowMs;
  },
};
