import { createStream, type Stream } from '../../core/tools/index.ts';
import type { GateVerdict, TrialOutcome } from '../../core/truth/index.ts';
import type { OutcomePair } from '../compare/trial-outcome.ts';
import { gateLooks, judgeGate, type Margins } from './judge-gate.ts';

/** A suite of the shipped size, and how its trials come out on average. */
const faultyScenarios = 116;
const healthyScenarios = 11;
const meanRecall = 0.85;
const top1Rate = 0.7;
const recoveredRate = 0.8;
const falsePerDay = 1;
const healthyHours = { faulty: 0.5, healthy: 4.7 };
const meanDelayMs = 30_000;

export interface GateSimulation {
  /**
   * Share of the faulty trials that the current code detects less than the baseline, on average.
   */
  readonly plantedLoss: number;
  /** Share of the trials that come out afresh with the same chances, as under a neutral change. */
  readonly churn: number;
  readonly repetitions: number;
  readonly seedsMax: number;
}

/** How often the gate said what, and how many seeds it needed on average. */
export interface GateSimulationResult extends GateSimulation {
  readonly verdicts: Readonly<Record<GateVerdict, number>>;
  /** Repetitions in which recall was among what failed. */
  readonly recallFailed: number;
  readonly meanSeeds: number;
}

/**
 * Plays the real gate on drawn trial outcomes: scenarios of unequal difficulty, a baseline, and
 * current code that differs by a neutral churn and a planted loss of recall.
 */
export function simulateGate({
  margins,
  ...simulation
}: GateSimulation & { readonly margins: Margins }): GateSimulationResult {
  const verdicts: Record<GateVerdict, number> = { passed: 0, failed: 0, inconclusive: 0 };
  let seedsUsed = 0;
  let recallFailed = 0;
  for (let repetition = 0; repetition < simulation.repetitions; repetition += 1) {
    const { verdict, seeds, recall } = playGate(
      { ...simulation, margins },
      createStream(repetition, 'gate'),
    );
    verdicts[verdict] += 1;
    seedsUsed += seeds;
    if (recall === 'failed') recallFailed += 1;
  }
  const meanSeeds = seedsUsed / simulation.repetitions;
  return { ...simulation, verdicts, recallFailed, meanSeeds };
}

function playGate(
  { plantedLoss, churn, seedsMax, margins }: GateSimulation & { readonly margins: Margins },
  stream: Stream,
): { verdict: GateVerdict; recall: GateVerdict | null; seeds: number } {
  const difficulty = Array.from({ length: faultyScenarios }, () => {
    const u = stream.next();
    // Most scenarios are nearly always detected, some hardly ever; the mean is the mean recall.
    return 1 - 3 * (1 - meanRecall) * u * u;
  });
  const looks = gateLooks(seedsMax);
  const pairs: OutcomePair[] = [];
  let seeds = 0;
  let recall: GateVerdict | null = null;
  for (const [look, until] of looks.entries()) {
    for (; seeds < until; seeds += 1) {
      for (let s = 0; s < faultyScenarios + healthyScenarios; s += 1) {
        const chance = difficulty[s] ?? null;
        const first = drawOutcome({ scenario: `s${s}`, seed: seeds, chance }, stream);
        const fresh = stream.next() < churn ? drawOutcome({ ...first, chance }, stream) : first;
        const isLost = stream.next() < plantedLoss / meanRecall;
        pairs.push({ first, second: isLost ? undetected(fresh) : fresh });
      }
    }
    const { verdict, measures } = judgeGate(pairs, { margins, looks, look });
    recall = measures.find(({ measure }) => measure === 'recall')?.verdict ?? null;
    if (verdict !== 'inconclusive') return { verdict, recall, seeds };
  }
  return { verdict: 'inconclusive', recall, seeds };
}

function drawOutcome(
  { scenario, seed, chance }: { scenario: string; seed: number; chance: number | null },
  stream: Stream,
): TrialOutcome {
  const isFaulty = chance !== null;
  const hours = isFaulty ? healthyHours.faulty : healthyHours.healthy;
  const isDetected = isFaulty && stream.next() < chance;
  return {
    scenario,
    version: 1,
    seed,
    detected: isFaulty ? asBit(isDetected) : null,
    timeToDetectMs: isDetected ? -meanDelayMs * Math.log(1 - stream.next()) : null,
    falseIncidents: poisson((falsePerDay * hours) / 24, stream),
    healthyHours: hours,
    top1: isFaulty ? asBit(isDetected && stream.next() < top1Rate / meanRecall) : null,
    recovered: isFaulty ? asBit(stream.next() < recoveredRate) : null,
    digest: '',
    exogenousDigest: '',
    replay: '',
  };
}

function undetected(outcome: TrialOutcome): TrialOutcome {
  return outcome.detected === null
    ? outcome
    : { ...outcome, detected: 0, timeToDetectMs: null, top1: 0 };
}

/** By multiplication of uniforms (Knuth); for small means. */
function poisson(mean: number, stream: Stream): number {
  const limit = Math.exp(-mean);
  let product = stream.next();
  let count = 0;
  while (product > limit) {
    product *= stream.next();
    count += 1;
  }
  return count;
}

function asBit(isTrue: boolean): 0 | 1 {
  return isTrue ? 1 : 0;
}
