/** The door of root-cause localization: evidence and topology in, ranked suspects out. */
export { createLocalizer, localizerNames } from './localizers.ts';
export { analyseLogPatterns, type LogPatternReport } from './log-patterns.ts';
export { analyseTrace, pickSlowTrace, type SlowTraceReport } from './slow-trace.ts';
