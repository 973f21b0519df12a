/** The gate that holds code against a stored baseline. */
export { holdAgainstBaseline } from './hold-against-baseline.ts';
export { defaultMargins, type Margins } from './judge-gate.ts';
export { simulateGate } from './simulate-gate.ts';
