import { InputError } from '../core/tools/index.ts';
import type { Scenario } from '../core/truth/index.ts';
import { sourceOf } from './load-scenario.ts';

/**
 * What is wrong at a place of a scenario, e.g. `['remedies', 0, 'do', 1]`, with its position in the
 * file where it comes from one.
 */
export function scenarioProblem(
  scenario: Scenario,
  path: readonly (string | number)[],
  message: string,
  hint?: string,
): InputError {
  const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  const position = sourceOf(scenario)?.positionOf(path);
  const prefix = position ? '' : `scenario ${scenario.id}: `;
  return new InputError(`${prefix}${where.slice(1)}: ${message}`, {
    ...(position ? { position } : {}),
    ...(hint ? { hint } : {}),
  });
}
