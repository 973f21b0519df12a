import { InputError } from '../../core/tools/index.ts';
import type {
  MeasureVerdict,
  RegressionBaseline,
  RegressionReport,
  TrialOutcome,
} from '../../core/truth/index.ts';
import { findDifference, inOrder } from '../compare/outcome-difference.ts';
import { type OutcomePair, pairOutcomes } from '../compare/trial-outcome.ts';
import { gateLooks, judgeGate, type Margins } from './judge-gate.ts';

interface RegressionRequest {
  readonly baseline: RegressionBaseline;
  readonly scenarios: readonly string[];
  /** In the order in which they are played. */
  readonly seeds: readonly number[];
  readonly margins: Margins;
  readonly notes: readonly string[];
  readonly replay: string;
  /** Plays every scenario on these seeds with the current code. */
  readonly play: (seeds: readonly number[]) => Promise<readonly TrialOutcome[]>;
}

type Judgement = ReturnType<typeof judgeGate>;

/**
 * Plays seeds in portions until the gate has decided or the seeds are used up. The first portion is
 * a fifth of them: code that changes nothing, or breaks much, costs no more than that.
 */
export async function holdAgainstBaseline(request: RegressionRequest): Promise<RegressionReport> {
  const { baseline, seeds, margins, replay } = request;
  const looks = gateLooks(seeds.length);
  const current: TrialOutcome[] = [];
  let played = 0;
  for (let look = 0; ; look += 1) {
    const until = looks[look] as number;
    current.push(...(await request.play(seeds.slice(played, until))));
    played = until;
    const pairs = pairOutcomes(baseline.trials, current);
    // A first portion may be of trials that never began.
    if (current.length === 0 && look < looks.length - 1) continue;
    if (pairs.length === 0) throw noPair(current.length);
    const judged = judgeGate(pairs, { margins, looks, look });
    if (judged.verdict === 'inconclusive' && look < looks.length - 1) continue;
    const differing = pairs.filter(({ first, second }) => first.digest !== second.digest).length;
    const isWhole = pairs.length === current.length;
    const isUnchanged = isWhole && differing === 0 && judged.measures.every(isEven);
    const { verdict, measures } = isUnchanged ? unchanged(judged) : judged;
    const lost = measures.find((measure) => measure.verdict === 'failed');
    const ordered = inOrder(pairs, request.scenarios);
    return {
      schemaVersion: 1,
      verdict,
      suite: baseline.suite,
      seeds: seeds.slice(0, played),
      seedsMax: seeds.length,
      pairs: pairs.length,
      differing,
      measures,
      firstDifference: findDifference(ordered, lost?.measure ?? null),
      notes: [...request.notes, ...worldNotes(current, pairs)],
      replay,
    };
  }
}

/** Without a single pair there is nothing to judge, however many seeds follow. */
function noPair(trials: number): InputError {
  return new InputError(
    trials === 0
      ? 'no trial of these scenarios and seeds began'
      : `the baseline has none of the ${trials} trials that were played ` +
          '(same scenario, version of it and seed)',
    { hint: 'write it again with: npm run regression -- --write-baseline FILE' },
  );
}

function isEven({ worse, better }: MeasureVerdict): boolean {
  return worse === 0 && better === 0;
}

/**
 * Every trial played has its pair, and every record is equal to the byte: the code does the same on
 * this suite, however few trials that is.
 */
function unchanged({ measures }: Judgement): Judgement {
  return {
    verdict: 'passed',
    measures: measures.map((measure) =>
      measure.verdict === null ? measure : { ...measure, verdict: 'passed', moreSeeds: null },
    ),
  };
}

function worldNotes(current: readonly TrialOutcome[], pairs: readonly OutcomePair[]): string[] {
  const notes: string[] = [];
  const unpaired = current.length - pairs.length;
  if (unpaired > 0) {
    notes.push(
      `${unpaired} of ${current.length} trials have no partner in the baseline ` +
        '(new scenarios, another version of them, or users were not well then): they are left out',
    );
  }
  const elsewhere = pairs.filter(
    ({ first, second }) => first.exogenousDigest !== second.exogenousDigest,
  ).length;
  if (elsewhere > 0) {
    notes.push(
      `in ${elsewhere} of ${pairs.length} pairs the world itself changed, not only the stack: ` +
        'write a new baseline once that is meant',
    );
  }
  return notes;
}
