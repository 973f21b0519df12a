import { formatDuration } from '../../core/tools/index.ts';
import type { PairedMeasure, TrialDifference, TrialOutcome } from '../../core/truth/index.ts';
import { measureRules } from './paired-measures.ts';
import type { OutcomePair } from './trial-outcome.ts';

/** Pairs by the order of their scenarios, then by seed. */
export function inOrder(
  pairs: readonly OutcomePair[],
  scenarios: readonly string[],
): OutcomePair[] {
  const rank = new Map(scenarios.map((scenario, i) => [scenario, i]));
  return [...pairs].sort(
    (a, b) =>
      (rank.get(a.second.scenario) ?? 0) - (rank.get(b.second.scenario) ?? 0) ||
      a.second.seed - b.second.seed,
  );
}

/**
 * The first pair that got worse by the measure that failed; without one, the first that differs.
 */
export function findDifference(
  pairs: readonly OutcomePair[],
  failed: PairedMeasure | null,
): TrialDifference | null {
  const isWorse = (pair: OutcomePair): boolean => {
    if (failed === null) return describePair(pair) !== null;
    const { better, read } = measureRules[failed];
    const values = read(pair);
    if (!values) return false;
    return better === 'higher' ? values.second < values.first : values.second > values.first;
  };
  const pair = pairs.find(isWorse);
  if (!pair) return null;
  const { scenario, seed, replay } = pair.second;
  return { scenario, seed, what: describePair(pair) ?? 'another record', replay };
}

/** What came out otherwise, in words; null when nothing that is compared did. */
function describePair({ first, second }: OutcomePair): string | null {
  const parts: string[] = [];
  const tell = (before: string, now: string): void => {
    if (before !== now) parts.push(`${before}, now ${now}`);
  };
  tell(detectionWords(first), detectionWords(second));
  tell(`${first.falseIncidents} false incidents`, `${second.falseIncidents} false incidents`);
  tell(bitWords(first.top1, 'root cause first'), bitWords(second.top1, 'root cause first'));
  tell(bitWords(first.recovered, 'recovered'), bitWords(second.recovered, 'recovered'));
  return parts.length > 0 ? parts.join('; ') : null;
}

function detectionWords({ detected, timeToDetectMs }: TrialOutcome): string {
  if (detected === null) return 'nothing to detect';
  if (detected === 0 || timeToDetectMs === null) return 'missed';
  return `detected after ${formatDuration(timeToDetectMs)}`;
}

function bitWords(bit: 0 | 1 | null, what: string): string {
  if (bit === null) return `not asked whether ${what}`;
  return bit === 1 ? what : `not ${what}`;
}
