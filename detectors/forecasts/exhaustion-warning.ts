import type { TrendFit } from './moment-fits.ts';
import type { TeethFit } from './teeth.ts';

/** Minutes from now within which an end may be warned of, up to the end of its interval. */
export const warningHorizonMin = 30;
/** Whose end is likely to be further off can wait, since many a climb passes by itself. */
const waitUntilMin = 18;
/** A climb must be so old, and have gone so large a share of what is left of the way. */
const youngestMin = 5;
const shareGone = 0.45;
/** Where teeth tell what is usual, a climb that is none of them can be told sooner. */
const youngestSteeperMin = 3.25;

/**
 * Whether a climb has lasted long enough, and its end is near enough, to warn of it: too early and
 * it passes by itself, too late and nobody can act. `medianMin` and `highMin` are minutes to its end.
 */
export function isWarningDue(
  { medianMin, highMin }: { readonly medianMin: number; readonly highMin: number },
  { ageMin, rise, level, isEnding }: TrendFit,
  teeth: TeethFit | null,
): boolean {
  if (highMin > warningHorizonMin) return false;
  // What lifts the teeth is known late, since it takes them to see it: this one cannot wait.
  if (teeth?.isSteeper) return ageMin >= youngestSteeperMin;
  if (medianMin > waitUntilMin) return false;
  // Peaks that have risen from tooth to tooth need no further proof.
  if (teeth !== null) return true;
  return ageMin >= youngestMin && rise >= shareGone * (1 - level) && !isEnding;
}
