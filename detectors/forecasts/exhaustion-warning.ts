import type { TrendFit } from './moment-fits.ts';
import type { TeethFit } from './teeth.ts';

/** Minutes from now within which an end may be warned of, up to the end of its interval. */
export const warningHorizonMinutes = 30;
/** Whose end is likely to be further off can wait, since many a climb passes by itself. */
const waitUntilMinutes = 18;
/** A climb must be so old, and have gone so large a share of what is left of the way. */
const youngestMinutes = 5;
const shareGone = 0.45;
/** Where teeth tell what is usual, a climb that is none of them can be told sooner. */
const youngestSteeperMinutes = 3.25;

/**
 * Whether a climb has lasted long enough, and its end is near enough, to warn of it: too early and
 * it passes by itself, too late and nobody can act. `medianMinutes` and `highMinutes` are minutes
 * to its end.
 */
export function isWarningDue(
  { medianMinutes, highMinutes }: { readonly medianMinutes: number; readonly highMinutes: number },
  { ageMinutes, rise, level, isEnding }: TrendFit,
  teeth: TeethFit | null,
): boolean {
  if (highMinutes > warningHorizonMinutes) return false;
  // What lifts the teeth is known late, since it takes them to see it: this one cannot wait.
  if (teeth?.isSteeper) return ageMinutes >= youngestSteeperMinutes;
  if (medianMinutes > waitUntilMinutes) return false;
  // Peaks that have risen from tooth to tooth need no further proof.
  if (teeth !== null) return true;
  return ageMinutes >= youngestMinutes && rise >= shareGone * (1 - level) && !isEnding;
}
