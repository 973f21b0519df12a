/** The door of the digital twin. */
export type { TruthLog, Twin } from './contract.ts';
export type { TwinOptions } from './twin.ts';
export { createTwin } from './twin.ts';
