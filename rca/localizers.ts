import type { Localizer } from '../core/observable/index.ts';
import { unknownNameError } from '../core/tools/index.ts';
import { loudestService, random } from './baselines.ts';
import { changeCorrelation } from './change-correlation.ts';
import { combined } from './combined.ts';
import { dependencyTraversal } from './dependency-traversal.ts';
import { logPatterns } from './log-pattern-localizer.ts';
import { slowTraces } from './slow-trace-localizer.ts';

/** The default first; baselines last. A new localizer is one file and one line here. */
const localizers: readonly Localizer[] = [
  combined,
  dependencyTraversal,
  logPatterns,
  slowTraces,
  changeCorrelation,
  loudestService,
  random,
];

/** Names that {@link createLocalizer} knows, the default first. */
export const localizerNames: readonly string[] = localizers.map(({ name }) => name);

/** The localizer of a name; unknown names are a UsageError that lists the known ones. */
export function createLocalizer(name: string): Localizer {
  const localizer = localizers.find((entry) => entry.name === name);
  if (!localizer) throw unknownNameError('localizer', name, localizerNames);
  return localizer;
}
