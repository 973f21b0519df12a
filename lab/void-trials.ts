import { FiredrillError } from '../core/tools/index.ts';
import { steadyStateHint } from './episode-options.ts';
import { isVoid, type PlayedTrial, type TrialResult, type VoidTrial } from './trial.ts';

/**
 * Sides of the same trials without those in which nothing was injected, which are the same on all
 * sides; and those. Throws when no trial is left (exit code 1).
 */
export function setVoidAside(sides: readonly (readonly PlayedTrial[])[]): {
  readonly sides: readonly (readonly TrialResult[])[];
  readonly voids: readonly VoidTrial[];
} {
  const [first = []] = sides;
  const voids = first.filter(isVoid);
  demandSomeBegan(first, voids);
  return { sides: sides.map((side) => side.filter(isScored)), voids };
}

function isScored(trial: PlayedTrial): trial is TrialResult {
  return !isVoid(trial);
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
