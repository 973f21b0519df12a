/** The door of root-cause localization: evidence and topology in, ranked suspects out. */
export { createLocalizer, localizerNames } from './localizers.ts';
export { analyseLogPatterns } from './log-patterns.ts';
export { analyseTrace, pickSlowTrace } from './slow-trace.ts';
