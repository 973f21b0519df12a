import {
  type ComparedFigure,
  pairedMeasures,
  type RunsCompared,
  type Scorecard,
  type TrialOutcome,
} from '../../core/truth/index.ts';
import { compareSides } from './compare-outcomes.ts';
import { findDifference, inOrder } from './outcome-difference.ts';
import { measureRules } from './paired-measures.ts';
import { type OutcomePair, pairOutcomes } from './trial-outcome.ts';

type Read = (card: Scorecard) => ComparedFigure['first'];

/** What people compare of two runs, in the order in which things happen. */
const figures: Readonly<Record<string, Read>> = {
  scenario: ({ scenario }) => `${scenario.id} v${scenario.version}`,
  seed: ({ seed }) => seed,
  outcome: ({ outcome }) => outcome,
  passed: ({ resilience }) => resilience.passed,
  incidents: ({ detection }) => detection.incidents.length,
  alerts: ({ detection }) => detection.alerts ?? null,
  recall: ({ detection }) => detection.recall,
  precision: ({ detection }) => detection.precision,
  falsePositives: ({ detection }) => detection.falsePositives,
  timeToDetectMs: ({ detection }) => detection.timeToDetectMs,
  firstSuspect: ({ diagnosis }) => diagnosis.suspects[0]?.component ?? null,
  rank: ({ diagnosis }) => diagnosis.rank,
  timeToDiagnoseMs: ({ diagnosis }) => diagnosis.timeToDiagnoseMs,
  actions: ({ healing }) =>
    healing.actions.map(({ action, target }) => `${action} ${target}`).join(', ') || 'none',
  harmfulActions: ({ healing }) => healing.harmfulActions,
  timeToRecoverMs: ({ healing }) => healing.timeToRecoverMs,
  regret: ({ healing }) => healing.regret,
  availability: ({ resilience }) => resilience.availability,
  recoveryTimeMs: ({ resilience }) => resilience.recoveryTimeMs,
  digest: ({ digest }) => digest.slice(0, 12),
};

interface Named<Content> {
  readonly name: string;
  readonly content: Content;
}

/** Two single runs, figure by figure. One run is no statistic, and none is made of it. */
export function compareScorecards(first: Named<Scorecard>, second: Named<Scorecard>): RunsCompared {
  const [a, b] = [first.content, second.content];
  const isOtherWorld = a.scenario.id !== b.scenario.id || a.seed !== b.seed;
  return {
    schemaVersion: 1,
    kind: 'runs',
    first: first.name,
    second: second.name,
    same: a.digest === b.digest,
    figures: Object.entries(figures).map(([name, read]) => ({
      name,
      first: read(a),
      second: read(b),
    })),
    comparisons: [],
    scenarios: [],
    firstDifference: null,
    notes: isOtherWorld
      ? ['two scenarios or seeds are compared: the differences are not those of the stacks alone']
      : [],
  };
}

/** Two evaluations on the scenarios and seeds they share, with tests. */
export function compareEvaluations(
  first: Named<readonly TrialOutcome[]>,
  second: Named<readonly TrialOutcome[]>,
): RunsCompared {
  const ids = [...new Set(first.content.map(({ scenario }) => scenario))];
  const pairs = inOrder(pairOutcomes(first.content, second.content), ids);
  const shared = pairs.length;
  const [before, after] = [first.content.length, second.content.length];
  return {
    schemaVersion: 1,
    kind: 'evaluations',
    first: first.name,
    second: second.name,
    same: shared === before && shared === after && pairs.every(isSame),
    figures: [
      { name: 'trials', first: before, second: after },
      { name: 'commonTrials', first: shared, second: shared },
    ],
    comparisons:
      shared === 0
        ? []
        : compareSides([
            { name: first.name, outcomes: first.content },
            { name: second.name, outcomes: second.content },
          ]),
    scenarios: ids
      .map((id) => tally(id, pairs))
      .filter(({ worse, better }) => worse + better > 0)
      .sort((a, b) => b.worse - b.better - (a.worse - a.better)),
    firstDifference: findDifference(pairs, null),
    notes: sharedNotes(shared, before, after),
  };
}

function sharedNotes(shared: number, before: number, after: number): string[] {
  if (shared === 0) {
    return ['no trial is common: the scenarios, their versions or the seeds are others'];
  }
  if (shared === before && shared === after) return [];
  return [`only the ${shared} trials that both have are compared (${before} and ${after})`];
}

function isSame({ first, second }: OutcomePair): boolean {
  return first.digest === second.digest;
}

/** Pairs of a scenario in which any measure got worse, or better and none worse. */
function tally(id: string, all: readonly OutcomePair[]): RunsCompared['scenarios'][number] {
  const pairs = all.filter(({ second }) => second.scenario === id);
  const signs = pairs.map((pair) => {
    const changes = pairedMeasures.map((measure) => {
      const { better, read } = measureRules[measure];
      const values = read(pair);
      if (!values) return 0;
      return Math.sign(values.second - values.first) * (better === 'higher' ? 1 : -1);
    });
    return changes.includes(-1) ? -1 : changes.includes(1) ? 1 : 0;
  });
  return {
    id,
    pairs: pairs.length,
    worse: signs.filter((sign) => sign < 0).length,
    better: signs.filter((sign) => sign > 0).length,
  };
}
