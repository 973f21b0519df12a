import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from '../../../core/tools/index.ts';
import {
  type MeasureVerdict,
  type PairedMeasure,
  pairedMeasures,
  type TrialOutcome,
} from '../../../core/truth/index.ts';
import type { OutcomePair } from '../../../lab/compare/trial-outcome.ts';
import { linearSpending, sequentialBoundaries } from '../../../lab/regression/group-sequential.ts';
import { defaultMargins, gateLooks, judgeGate } from '../../../lab/regression/judge-gate.ts';
import { gatherEvidence, lossFigure, zOf } from '../../../lab/regression/loss-evidence.ts';
import { simulateGate } from '../../../lab/regression/simulate-gate.ts';
import { missed, outcome, pairsOf } from '../outcomes.ts';

function judge(
  pairs: readonly OutcomePair[],
  look = 0,
): { verdict: string; of: (measure: PairedMeasure) => MeasureVerdict } {
  const { verdict, measures } = judgeGate(pairs, { margins: defaultMargins, looks: [20], look });
  return { verdict, of: (measure) => measures.find((one) => one.measure === measure) as never };
}

function evidenceOf(pairs: readonly OutcomePair[], measure: PairedMeasure) {
  const found = gatherEvidence(pairs, measure);
  if (!found) throw new Error(`nothing about ${measure}`);
  return found;
}

describe('boundaries of a test that looks several times', () => {
  const looks = [0.2, 0.4, 0.6, 0.8, 1];

  it('are the published ones for five even looks, O’Brien-Fleming and Pocock spending', () => {
    const z = normalQuantile(1 - 0.025 / 2);
    const obrienFleming = sequentialBoundaries(
      looks,
      looks.map((share) => 2 * (1 - normalCdf(z / Math.sqrt(share)))),
    );
    [4.877, 3.357, 2.68, 2.29, 2.031].forEach((expected, k) => {
      expect(obrienFleming[k]).toBeCloseTo(expected, 2);
    });
    const pocock = sequentialBoundaries(
      looks,
      looks.map((share) => 0.025 * Math.log(1 + (Math.E - 1) * share)),
    );
    [2.438, 2.427, 2.41, 2.397, 2.386].forEach((expected, k) => {
      expect(pocock[k]).toBeCloseTo(expected, 2);
    });
  });

  it('is the ordinary critical value for a single look', () => {
    expect(sequentialBoundaries([1], linearSpending([1], 0.05))[0]).toBeCloseTo(1.645, 3);
  });

  it('looks at a fifth of the seeds first, and never twice at the same', () => {
    expect(gateLooks(20)).toEqual([4, 8, 14, 20]);
    expect(gateLooks(3)).toEqual([1, 2, 3]);
    expect(gateLooks(1)).toEqual([1]);
  });
});

describe('what pairs say about a loss', () => {
  it('is sure of little when no pair differs: as Tango has it, −√(nδ/(1−δ))', () => {
    const evidence = evidenceOf(pairsOf(400), 'recall');
    expect(zOf(evidence, 0.02)).toBeCloseTo(-Math.sqrt((400 * 0.02) / 0.98), 9);
    const { low, high } = lossFigure(evidence);
    expect(low as number).toBeCloseTo(-(high as number), 6);
    expect(high as number).toBeCloseTo(1.96 ** 2 / (400 + 1.96 ** 2), 3);
  });

  it('is McNemar’s z for no loss at all', () => {
    const pairs = pairsOf(100, (i) => (i < 12 ? missed : {})).map((pair, i) =>
      i >= 97 ? { first: pair.second, second: pair.first } : pair,
    );
    const turned = pairs.map((pair, i) =>
      i >= 97 ? { first: { ...pair.first, ...missed }, second: pair.second } : pair,
    );
    const evidence = evidenceOf(turned, 'recall');
    expect([evidence.worse, evidence.better]).toEqual([12, 3]);
    expect(zOf(evidence, 0)).toBeCloseTo((12 - 3) / Math.sqrt(15), 9);
  });

  it('counts false incidents by the day, delays where both sides detected', () => {
    const pairs = pairsOf(100, (i) => ({
      falseIncidents: i < 10 ? 1 : 0,
      ...(i >= 90 ? missed : { timeToDetectMs: 35_000 }),
    }));
    expect(evidenceOf(pairs, 'falseIncidentsPerDay').loss).toBeCloseTo((10 * 24) / 50, 9);
    expect(evidenceOf(pairs, 'timeToDetectMs')).toMatchObject({ pairs: 90, loss: 15_000 });
    expect(gatherEvidence([{ first: outcome({ top1: null }), second: outcome() }], 'top1')).toBe(
      null,
    );
  });
});

describe('the gate', () => {
  it('passes code that changes nothing', () => {
    const { verdict, of } = judge(pairsOf(500));
    expect(verdict).toBe('passed');
    expect(of('recall')).toMatchObject({ verdict: 'passed', worse: 0, better: 0, moreSeeds: null });
  });

  it('fails code that loses more than the margin, and names the measure', () => {
    const { verdict, of } = judge(pairsOf(500, (i) => (i % 12 === 0 ? missed : {})));
    expect(verdict).toBe('failed');
    expect(of('recall')).toMatchObject({ verdict: 'failed', worse: 42 });
    expect(of('recovered').verdict).toBe('passed');
  });

  it('fails for false incidents, and for slower detection', () => {
    const louder = judge(pairsOf(500, (i) => ({ falseIncidents: i % 10 === 0 ? 1 : 0 })));
    expect(louder.of('falseIncidentsPerDay').verdict).toBe('failed');
    const slower = judge(pairsOf(500, () => ({ timeToDetectMs: 50_000 })));
    expect(slower.of('timeToDetectMs').verdict).toBe('failed');
  });

  it('does not fail for a loss within the margin, nor for a gain', () => {
    const small = judge(pairsOf(500, (i) => (i % 100 === 0 ? missed : {})));
    expect(small.of('recall').verdict).not.toBe('failed');
    const gained = pairsOf(500, (i) => (i % 12 === 0 ? missed : {})).map(({ first, second }) => ({
      first: second,
      second: first,
    }));
    expect(judge(gained).verdict).toBe('passed');
  });

  it('holds the worst of five measures against a fifth of the level, the last against all (Holm)', () => {
    // Beyond the critical value of a single test, 1.645, but not of one of five, 2.326.
    const doubtful = (i: number): Partial<TrialOutcome> => (i % 22 === 0 ? { recovered: 0 } : {});
    const alone = pairsOf(500, doubtful);
    const z = zOf(evidenceOf(alone, 'recovered'), defaultMargins.recovered);
    expect(z).toBeGreaterThan(1.645);
    expect(z).toBeLessThan(2.326);
    expect(judge(alone).of('recovered').verdict).toBe('inconclusive');
    expect(judge(alone).verdict).toBe('inconclusive');
    // With four others that fail beyond doubt only one is left, and it is held against 1.645.
    const allOver = (i: number): Partial<TrialOutcome> => ({
      ...(i % 3 === 0 ? missed : { timeToDetectMs: 90_000 }),
      falseIncidents: 1,
      ...doubtful(i),
    });
    const { of } = judge(pairsOf(500, allOver));
    expect(pairedMeasures.map((measure) => of(measure).verdict)).toEqual(
      pairedMeasures.map(() => 'failed'),
    );
  });

  it('says how many more seeds would decide, and decides with them', () => {
    const share = (i: number) => (i % 100 === 0 ? missed : {});
    const few = judge(pairsOf(300, share));
    expect(few.verdict).toBe('inconclusive');
    const { moreSeeds } = few.of('recall');
    expect(moreSeeds).toBeGreaterThan(0);
    const enough = Math.ceil((300 * (20 + (moreSeeds as number))) / 20);
    expect(judge(pairsOf(enough, share)).of('recall').verdict).toBe('passed');
  });

  it('decides nothing on a handful of pairs', () => {
    const { verdict, of } = judge(pairsOf(8, () => missed));
    expect(verdict).toBe('inconclusive');
    expect(of('recall').moreSeeds).toBeGreaterThan(0);
    expect(of('timeToDetectMs').verdict).toBeNull();
  });
});

describe('the gate, tried on drawn trials with the default number of seeds', () => {
  it.each([0, 0.1, 0.2])(
    'catches five points of recall and passes none lost, churn %f',
    (churn) => {
      const options = { churn, repetitions: 40, seedsMax: 20, margins: defaultMargins };
      const loss = simulateGate({ ...options, plantedLoss: 0.05 });
      expect(loss.recallFailed).toBeGreaterThanOrEqual(38);
      const none = simulateGate({ ...options, plantedLoss: 0 });
      expect(none.verdicts.passed).toBeGreaterThanOrEqual(38);
      expect(none.meanSeeds).toBeLessThan(12);
    },
  );

  it('fails at most one in twenty who lose just the margin', () => {
    const { recallFailed } = simulateGate({
      churn: 0.2,
      plantedLoss: defaultMargins.recall,
      repetitions: 60,
      seedsMax: 20,
      margins: defaultMargins,
    });
    expect(recallFailed).toBeLessThanOrEqual(8);
  });
});
