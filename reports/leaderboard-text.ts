import type { Evaluation } from '../core/truth/index.ts';
import { durationFigureText, figureText } from './evaluation-columns.ts';
import { changeText, measureNames, measureText, pText } from './measure-text.ts';
import { tablesWithin } from './tables-within.ts';
import { type Cell, clean, type Paint } from './terminal-text.ts';

/** Every detector on a line, trivial ones below. */
export function leaderboardLines(
  { leaderboard }: Evaluation,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): readonly string[] {
  const hasOperatingPoint = leaderboard.some((one) => one.recallAtOneFalsePerDay);
  const head = [
    'detector',
    'recall',
    ...(hasOperatingPoint ? ['recall at 1 false a day'] : []),
    'precision',
    'false a day',
    'median delay',
  ].map((text): Cell => ({ text, paint: paint.dim }));
  const body = leaderboard.map((one): readonly Cell[] => {
    const texts = [
      clean(one.name),
      figureText(one.recall),
      ...(hasOperatingPoint
        ? [one.recallAtOneFalsePerDay ? figureText(one.recallAtOneFalsePerDay) : '–']
        : []),
      figureText(one.precision),
      figureText(one.falseIncidentsPerDay),
      durationFigureText(one.timeToDetectMsP50),
    ];
    const weight = one.kind === 'trivial' ? paint.dim : paint.bold;
    return texts.map((text, i): Cell => ({ text, ...(i === 0 && { paint: weight }) }));
  });
  return tablesWithin([head, ...body], { width, kept: 1 });
}

/** Every two detectors held against each other on their common trials. */
export function comparisonLines(
  comparisons: Evaluation['comparisons'],
  { paint, width }: { readonly paint: Paint; readonly width: number },
): readonly string[] {
  if (comparisons.length === 0) return [];
  const [one] = comparisons as [Evaluation['comparisons'][number]];
  const isOnePair = comparisons.every(
    ({ first, second }) => first === one.first && second === one.second,
  );
  const head = [
    'measure',
    ...(isOnePair ? [clean(one.first), clean(one.second)] : ['between', 'first', 'second']),
    'second − first (95 %)',
    'pairs',
    'only one right',
    'p',
    'p, Holm',
    'detectable',
  ].map((text): Cell => ({ text, paint: paint.dim }));
  const body = comparisons.map((comparison): readonly Cell[] => {
    const { measure, first, second, discordant, pHolm } = comparison;
    const isSignificant = pHolm !== null && pHolm <= 0.05;
    return [
      { text: measureNames[measure] },
      ...(isOnePair ? [] : [{ text: `${clean(first)}, ${clean(second)}` }]),
      { text: measureText(measure, comparison.firstValue) },
      { text: measureText(measure, comparison.secondValue) },
      { text: changeText(measure, comparison.difference) },
      { text: String(comparison.difference.n), align: 'right' },
      { text: discordant ? `${discordant.firstOnly} : ${discordant.secondOnly}` : '' },
      { text: pText(comparison.p) },
      { text: pText(pHolm), ...(isSignificant && { paint: paint.bold }) },
      { text: measureText(measure, comparison.minimumDetectableChange) },
    ];
  });
  return tablesWithin([head, ...body], { width, kept: isOnePair ? 1 : 2 });
}
