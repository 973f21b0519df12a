import { FiredrillError } from '../core/tools/index.ts';
import { steadyStateHint } from './episode-options.ts';
import { isVoid, type PlayedTrial, type TrialResult, type VoidTrial } from './trial.ts';

/**
 * Sides of the same trials in the same order, without those in which nothing was injected on one of
 * them, so that pairs stay pairs; and those, once each. Throws when no trial is left (exit code 1).
 */
export function setVoidAside(sides: readonly (readonly PlayedTrial[])[]): {
  readonly sides: readonly (readonly TrialResult[])[];
  readonly voids: readonly VoidTrial[];
} {
  const voidAt = new Map<number, VoidTrial>();
  for (const side of sides) {
    for (const [i, trial] of side.entries()) if (isVoid(trial)) voidAt.set(i, trial);
  }
  const voids = [...voidAt.keys()].sort((a, b) => a - b).map((i) => voidAt.get(i) as VoidTrial);
  const [first] = voids;
  if (first && voids.length === sides[0]?.length) throw nothingBegan(first);
  return {
    sides: sides.map((side) => side.filter((_, i) => !voidAt.has(i)) as TrialResult[]),
    voids,
  };
}

function nothingBegan({ scenario, seed, voidBecause }: VoidTrial): FiredrillError {
  return new FiredrillError(`${voidBecause} (${scenario}, seed ${seed}, and all others)`, {
    code: 'steady-state',
    exitCode: 1,
    hint: steadyStateHint,
  });
}
