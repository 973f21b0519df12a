import { type Contestant, type EvaluationFigures, noFigure } from '../../core/truth/index.ts';
import { type Groups, quantileFigure, rateFigure } from '../statistics/statistics.ts';
import type { TrialResult } from '../trial.ts';
import { poolOperatingPoints } from './pooled-curve.ts';
import { falseAlarmRate, incidentVerdicts } from './pooled-rates.ts';

interface Entry extends Pick<EvaluationFigures, 'detection' | 'diagnosis' | 'healing'> {
  readonly name: string;
  readonly results: readonly TrialResult[];
}

/**
 * Those with most recall at one false incident a day first, or with most recall; trivial ones last.
 */
export function rankContestants(entries: readonly Entry[]): Contestant[] {
  const ranked = entries.map(contestantOf).sort((a, b) => worthOf(b) - worthOf(a));
  const [first] = entries;
  return [...ranked, ...(first ? trivialContestants(first.results) : [])];
}

function worthOf({ recallAtOneFalsePerDay, recall }: Contestant): number {
  return recallAtOneFalsePerDay?.value ?? recall.value ?? 0;
}

function contestantOf({ name, results, detection, diagnosis, healing }: Entry): Contestant {
  const { recall, precision, falseIncidentsPerDay, timeToDetectMsP50 } = detection;
  const { recallAtOneFalsePerDay } = detection;
  return {
    name,
    kind: 'contestant',
    recall,
    precision,
    falseIncidentsPerDay,
    ...(recallAtOneFalsePerDay && { recallAtOneFalsePerDay }),
    timeToDetectMsP50,
    top1: diagnosis.top1,
    recovered: healing.recovered,
    ...delaysOf(results.map(({ scorecard }) => scorecard.detection)),
    operatingCurve: poolOperatingPoints(results),
  };
}

/** What the trivial detectors made of the same runs; they diagnose and heal nothing. */
function trivialContestants(results: readonly TrialResult[]): Contestant[] {
  const names = results[0]?.scorecard.baselines.detection.map(({ detector }) => detector) ?? [];
  const ids = [...new Set(results.map(({ scenario }) => scenario))];
  return names.map((name) => {
    const groups = ids.map((id) =>
      results
        .filter(({ scenario }) => scenario === id)
        .flatMap((result) => {
          const { baselines, detection } = result.scorecard;
          const own = baselines.detection.find(({ detector }) => detector === name);
          return own ? [{ ...own, healthyHours: detection.healthyHours }] : [];
        }),
    );
    const all = groups.flat();
    return {
      name,
      kind: 'trivial',
      recall: rateFigure(pick(groups, ({ recall }) => (recall === null ? [] : [recall]))),
      precision: rateFigure(pick(groups, incidentVerdicts)),
      falseIncidentsPerDay: falseAlarmRate(all),
      timeToDetectMsP50: quantileFigure(
        pick(groups, ({ timeToDetectMs }) => (timeToDetectMs === null ? [] : [timeToDetectMs])),
        0.5,
      ),
      top1: noFigure,
      recovered: noFigure,
      ...delaysOf(all),
      operatingCurve: [],
    };
  });
}

function pick<Item>(
  groups: readonly (readonly Item[])[],
  read: (item: Item) => readonly number[],
): Groups {
  return groups.map((group) => group.flatMap(read));
}

function delaysOf(
  detections: readonly { readonly recall: number | null; readonly timeToDetectMs: number | null }[],
): { delaysMs: readonly number[]; missed: number } {
  return {
    delaysMs: detections
      .flatMap(({ timeToDetectMs }) => (timeToDetectMs === null ? [] : [timeToDetectMs]))
      .sort((a, b) => a - b),
    missed: detections.filter(({ recall }) => recall === 0).length,
  };
}
