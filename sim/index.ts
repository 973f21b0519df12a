/** The door of the digital twin. */
export type { TruthLog, Twin } from './contract.ts';
export { sojournMoments } from './data-plane/queueing.ts';
export { createTwin } from './twin.ts';
