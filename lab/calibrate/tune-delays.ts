import { mean, standardDeviation } from '../../core/tools/index.ts';
import type { FittedTopology } from './fit-topology.ts';
import { observeTwin, type TwinRun } from './observe-twin.ts';
import { safeName } from './safe-names.ts';
import type { DelayFactors } from './station-delay.ts';

const tuneMinutes = 60;
const factorRange = { low: 0.25, high: 4 } as const;

/**
 * Formulas tell the queueing at a mean load; as recorded the load moves, which makes queues longer.
 * Runs the twin on a first fit and compares own times with the fit's; what is within the error of
 * the sample is discounted.
 */
export async function tuneDelays(
  fitted: FittedTopology,
  run: Omit<TwinRun, 'minutes'>,
): Promise<DelayFactors> {
  const { spec, work } = fitted;
  const { traces } = await observeTwin(fitted, { ...run, minutes: tuneMinutes });
  const factors = new Map<string, number>();
  for (const { name } of spec.services) {
    const delayMs = work.get(name)?.delayMs ?? 0;
    const operations = spec.services.find((one) => one.name === name)?.operations ?? [];
    const excess: number[] = [];
    for (const { service, operation, selfMs } of traces.operations.values()) {
      const fitted = operations.find((one) => one.name === operation);
      if (safeName(service) !== name || !fitted) continue;
      const { cpuMs, waitMs } = fitted;
      for (const ms of selfMs) excess.push(ms - cpuMs - waitMs);
    }
    if (excess.length < 2 || delayMs <= 0) continue;
    const bias = mean(excess) - delayMs;
    const errorMs = standardDeviation(excess) / Math.sqrt(excess.length);
    const trusted = Math.max(0, 1 - (errorMs * errorMs) / Math.max(bias * bias, 1e-12));
    const factor = 1 + (trusted * bias) / delayMs;
    factors.set(name, Math.min(factorRange.high, Math.max(factorRange.low, factor)));
  }
  return factors;
}
