import { createDrawKey } from '../../core/tools/index.ts';

/** The keys of all draws that walks make. */
export interface WalkKeys {
  readonly draws: number;
  readonly traces: number;
  readonly spans: number;
}

export function createWalkKeys(seed: number): WalkKeys {
  return {
    draws: createDrawKey(seed, 'telemetry/walk'),
    traces: createDrawKey(seed, 'telemetry/trace-id'),
    spans: createDrawKey(seed, 'telemetry/span-id'),
  };
}
