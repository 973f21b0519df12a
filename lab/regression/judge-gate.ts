import {
  type GateVerdict,
  type MeasureVerdict,
  noFigure,
  type PairedMeasure,
  pairedMeasures,
} from '../../core/truth/index.ts';
import type { OutcomePair } from '../compare/trial-outcome.ts';
import { minimumDetectableChange } from '../statistics/statistics-paired.ts';
import { linearSpending, sequentialBoundaries } from './group-sequential.ts';
import { gatherEvidence, type LossEvidence, lossFigure, zOf } from './loss-evidence.ts';

export type Margins = Readonly<Record<PairedMeasure, number>>;

/**
 * Losses that nobody should be stopped for: two or three points, half an incident a day, a scrape.
 */
export const defaultMargins: Margins = {
  recall: 0.02,
  falseIncidentsPerDay: 0.5,
  timeToDetectMs: 15_000,
  top1: 0.03,
  recovered: 0.03,
};

/** Of failing code that lost no more than a margin, and of passing code that lost that much. */
const alpha = 0.05;
/** Fewer pairs decide nothing. */
const pairsMin = 10;
/** z of 80 % power. */
const powerZ = 0.8416212335729143;

/** When the gate looks, as numbers of seeds, the last being all there are. */
export function gateLooks(seedsMax: number): number[] {
  return [...new Set([0.2, 0.4, 0.7, 1].map((share) => Math.ceil(share * seedsMax)))];
}

/**
 * Holds pairs of (baseline, current) against margins at one of several looks. A measure fails when
 * its loss is significantly more than its margin (Holm over the measures), and passes when it is
 * significantly less; both errors are at most 5 % over all looks. Code that changes nothing passes
 * with few seeds. Fails to see a loss in few scenarios that gains in others make up for.
 */
export function judgeGate(
  pairs: readonly OutcomePair[],
  options: {
    readonly margins: Margins;
    /** As {@link gateLooks} gives them, and which of them this is. */
    readonly looks: readonly number[];
    readonly look: number;
  },
): { readonly verdict: GateVerdict; readonly measures: readonly MeasureVerdict[] } {
  const { margins, looks, look } = options;
  const evidence = new Map(
    pairedMeasures.flatMap((measure) => {
      const found = gatherEvidence(pairs, measure);
      return found ? [[measure, found] as const] : [];
    }),
  );
  const failed = failingMeasures(evidence, options);
  const passing = criticalZ(looks, look, alpha);
  const measures = pairedMeasures.map((measure): MeasureVerdict => {
    const found = evidence.get(measure);
    const margin = margins[measure];
    if (!found) return { ...unmeasured, measure, margin };
    const isPassing = found.pairs >= pairsMin && zOf(found, margin) <= -passing;
    const verdict = failed.has(measure) ? 'failed' : isPassing ? 'passed' : 'inconclusive';
    const { baseline, current, worse, better } = found;
    return {
      measure,
      margin,
      verdict,
      baseline,
      current,
      loss: lossFigure(found),
      worse,
      better,
      minimumDetectableChange: minimumDetectableChange(found.errorAt(found.loss)),
      moreSeeds:
        verdict === 'inconclusive'
          ? moreSeeds(found, margin, looks[look] as number, passing)
          : null,
    };
  });
  return { verdict: overall(measures), measures };
}

const unmeasured: Omit<MeasureVerdict, 'measure' | 'margin'> = {
  verdict: null,
  baseline: null,
  current: null,
  loss: noFigure,
  worse: 0,
  better: 0,
  minimumDetectableChange: null,
  moreSeeds: null,
};

function overall(measures: readonly MeasureVerdict[]): GateVerdict {
  const verdicts = measures.map(({ verdict }) => verdict);
  if (verdicts.includes('failed')) return 'failed';
  if (verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.includes('passed') ? 'passed' : 'inconclusive';
}

/**
 * Step-down: the worst measure is held against the strictest level, the next against a laxer one.
 */
function failingMeasures(
  evidence: ReadonlyMap<PairedMeasure, LossEvidence>,
  { margins, looks, look }: { margins: Margins; looks: readonly number[]; look: number },
): ReadonlySet<PairedMeasure> {
  const ranked = [...evidence]
    .filter(([, { pairs }]) => pairs >= pairsMin)
    .map(([measure, found]) => ({ measure, z: zOf(found, margins[measure]) }))
    .sort((a, b) => b.z - a.z);
  const failed = new Set<PairedMeasure>();
  for (const [rank, { measure, z }] of ranked.entries()) {
    if (z < criticalZ(looks, look, alpha / (ranked.length - rank))) break;
    failed.add(measure);
  }
  return failed;
}

const boundaries = new Map<string, readonly number[]>();

function criticalZ(looks: readonly number[], look: number, level: number): number {
  const key = `${looks.join()} ${level}`;
  let found = boundaries.get(key);
  if (!found) {
    const information = looks.map((seeds) => seeds / (looks.at(-1) as number));
    found = sequentialBoundaries(information, linearSpending(information, level));
    boundaries.set(key, found);
  }
  return found[look] as number;
}

/** A loss so near its margin that it takes this many seeds is not going to be told from it. */
const seedsWorthCounting = 10_000;

/** So that a true loss as measured would be told from the margin four times in five. */
function moreSeeds(
  evidence: LossEvidence,
  margin: number,
  seeds: number,
  critical: number,
): number {
  const gap = Math.abs(margin - evidence.loss);
  const ratio = gap > 0 ? (((critical + powerZ) * evidence.errorAt(margin)) / gap) ** 2 : Infinity;
  const needed = Math.ceil(seeds * Math.max(ratio, pairsMin / evidence.pairs)) - seeds;
  return Math.min(Math.max(1, needed), seedsWorthCounting);
}
