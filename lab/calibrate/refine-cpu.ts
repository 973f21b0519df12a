import { boundedLeastSquares } from './bounded-least-squares.ts';
import type { CpuSplit } from './split-cpu.ts';
import { noiseVariance, type WorkEvidence } from './work-evidence.ts';

/**
 * Corrects the guess by what CPU use tells as the mix of requests changes: least squares with the
 * guess as prior, within zero and each operation's own time. With a steady mix the guess stays.
 */
export function refineCpu(
  evidence: WorkEvidence,
  guess: CpuSplit,
  busyMs: readonly number[],
): readonly number[] {
  const { operations, cpuCores } = evidence;
  if (!cpuCores) return guess.cpuMs;
  const n = operations.length;
  const rows: Float64Array[] = [];
  const residuals: number[] = [];
  for (let w = 0; w < cpuCores.length; w += 1) {
    const rates = Float64Array.from(operations, ({ byWindow }) => byWindow[w] ?? Number.NaN);
    const used = 1000 * (cpuCores[w] as number);
    const expected = rates.reduce((sum, rate, i) => sum + rate * (guess.cpuMs[i] as number), 0);
    if (!Number.isFinite(used - expected)) continue;
    rows.push(rates);
    residuals.push(used - expected);
  }
  const noise = noiseVariance(residuals);
  if (!(noise > 0)) return guess.cpuMs;
  const matrix = Array.from({ length: n }, () => new Float64Array(n));
  const target = new Float64Array(n);
  rows.forEach((rates, r) => {
    const used =
      (residuals[r] as number) +
      rates.reduce((sum, rate, i) => sum + rate * (guess.cpuMs[i] as number), 0);
    for (let i = 0; i < n; i += 1) {
      const weight = (rates[i] as number) / noise;
      (target[i] as number) += weight * used;
      const row = matrix[i] as Float64Array;
      for (let j = 0; j < n; j += 1) (row[j] as number) += weight * (rates[j] as number);
    }
  });
  for (let i = 0; i < n; i += 1) {
    const trust = 1 / Math.max(1e-12, (guess.errorsMs[i] as number) ** 2);
    ((matrix[i] as Float64Array)[i] as number) += trust;
    (target[i] as number) += trust * (guess.cpuMs[i] as number);
  }
  const slack = guess.split === 'assumed' ? 1 : 1.5;
  const high = Float64Array.from(busyMs, (ms) => slack * ms);
  return [...boundedLeastSquares(matrix, target, { low: new Float64Array(n), high })];
}
