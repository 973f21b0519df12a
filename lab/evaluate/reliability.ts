import { mean } from '../../core/tools/index.ts';
import type { Reliability } from '../../core/truth/index.ts';
import { wilsonFigure } from '../statistics/statistics.ts';

/** What was stated with a certainty between 0 and 1, and whether it was right. */
export interface Statement {
  readonly stated: number;
  readonly isRight: boolean;
}

/** Fewer statements than this prove nothing of their share. */
const binMin = 10;
const binsMax = 8;

/**
 * How often statements are right, for bins of equally many in the order of their certainty
 * (statements of the same certainty stay together), with the expected calibration error and the
 * Brier score beside that of always stating the mean share.
 */
export function reliabilityOf(statements: readonly Statement[]): Reliability {
  const n = statements.length;
  const bins = binned(statements).map((bin) => ({
    stated: mean(bin.map(({ stated }) => stated)),
    right: wilsonFigure(bin.filter(({ isRight }) => isRight).length, bin.length),
  }));
  if (n === 0) return { bins, expectedCalibrationError: null, brier: null, brierOfMean: null };
  const share = mean(statements.map(({ isRight }) => Number(isRight)));
  const gap = ({ stated, right }: Reliability['bins'][number]): number =>
    (Math.abs(stated - (right.value ?? stated)) * right.n) / n;
  return {
    bins,
    expectedCalibrationError: bins.reduce((sum, bin) => sum + gap(bin), 0),
    brier: mean(statements.map(({ stated, isRight }) => (stated - Number(isRight)) ** 2)),
    brierOfMean: share * (1 - share),
  };
}

function binned(statements: readonly Statement[]): Statement[][] {
  const sorted = [...statements].sort((a, b) => a.stated - b.stated);
  const size = Math.max(binMin, Math.ceil(sorted.length / binsMax));
  const bins: Statement[][] = [];
  for (const statement of sorted) {
    const bin = bins.at(-1);
    const isFull = bin !== undefined && bin.length >= size;
    if (!bin || (isFull && bin.at(-1)?.stated !== statement.stated)) bins.push([statement]);
    else bin.push(statement);
  }
  const last = bins.at(-1);
  if (bins.length > 1 && last && last.length < binMin) bins.at(-2)?.push(...(bins.pop() ?? []));
  return bins;
}
