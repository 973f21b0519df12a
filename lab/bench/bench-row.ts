import type { PolicySet } from '../../healers/index.ts';

/** One line of `npm run bench -- --json`. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
}

export interface BenchOptions {
  /** CPU time of this process, ms: on a machine that others use, too, steadier than a clock. */
  readonly cpuMs: () => number;
  /** The clock, ms: what one waits for, with the runtime's own threads on other cores. */
  readonly wallMs: () => number;
  /** The most memory that this process has held so far, MB. */
  readonly peakRssMb: () => number;
  readonly policies: PolicySet;
}

export function row(
  name: string,
  value: number,
  unit: string,
  better: BenchRow['better'],
): BenchRow {
  return { name, value: Number(value.toPrecision(4)), unit, better };
}
