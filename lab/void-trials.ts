import { FiredrillError } from '../core/tools/index.ts';
import { steadyStateHint } from './episode-options.ts';
import { isVoid, type PlayedTrial, type TrialResult, type VoidTrial } from './trial.ts';

/**
 * Sides of the same trials in the same order, without those in which nothing was injected; and
 * those, once each. They are the same on all sides; where they are not, what is void on one is left
 * out on all, so that pairs stay pairs. Throws when no trial is left (exit code 1).
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
  demandSomeBegan(sides[0] ?? [], voids);
  return {
    sides: sides.map((side) => side.filter((_, i) => !voidAt.has(i)) as TrialResult[]),
    voids,
  };
}

/** Throws when all of some trials are void. */
export function demandSomeBegan(all: readonly unknown[], voids: readonly VoidTrial[]): void {
  const [first] = voids;
  if (first && voids.length === all.length) throw nothingBegan(first);
}

function nothingBegan({ scenario, seed, voidBecause }: VoidTrial): FiredrillError {
  return new FiredrillError(`${voidBecause} (${scenario}, seed ${seed}, and all others)`, {
    code: 'steady-state',
    exitCode: 1,
    hint: steadyStateHint,
  });
}
