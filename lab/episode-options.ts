import type { Telemetry, Topology } from '../core/observable/index.ts';
import { FiredrillError } from '../core/tools/index.ts';
import type { Episode, TwinSpec } from '../core/truth/index.ts';
import type { HealerName, PolicySet } from '../healers/index.ts';
import type { ModuleCall } from './custom-detector/guarded-detector.ts';

/** What one run is made of. */
export interface EpisodeOptions {
  readonly episode: Episode;
  readonly spec: TwinSpec;
  readonly topology: Topology;
  /** A name, or the path of a module. */
  readonly detector: string;
  readonly localizer: string;
  readonly healer: { readonly name: HealerName; readonly policies: PolicySet };
  /** SHA-256 per external file, for the record. */
  readonly inputHashes: Readonly<Record<string, string>>;
  /** Also look for the best plan by forking (some seconds more). */
  readonly oracle: boolean;
  /** Monotonic wall clock in ms, for the performance figures only. */
  readonly clockMs: () => number;
  /** Told the share done (0 to 1); awaited, so that a caller can let signals in. */
  readonly onProgress?: (share: number) => void | Promise<void>;
  /** Gets all telemetry of the measured run, in order. */
  readonly onTelemetry?: (telemetry: Telemetry) => void;
  readonly signal?: AbortSignal;
  /**
   * Makes every call of a module of the user's own, so that one that never returns can be ended.
   */
  readonly callModule?: ModuleCall;
}

/** The run was stopped from outside; its faults were rolled back. Exit code 130. */
export class InterruptedError extends FiredrillError {
  constructor() {
    super('interrupted; faults were rolled back and nothing was written', {
      code: 'interrupted',
      exitCode: 130,
    });
  }
}

/** What to do about a world that is not well before anything was done to it. */
export const steadyStateHint =
  'try another seed, lower the request rate, give the services more CPU, or lengthen warmUp';

/** The steady state did not hold before injection. Exit code 1. */
export class SteadyStateError extends FiredrillError {
  constructor(goodRatio: number, unready: readonly string[]) {
    const lag = unready.length > 0 ? `; not ready: ${unready.join(', ')}` : '';
    const percent = (100 * goodRatio).toFixed(1);
    super(
      `no steady state before injection: ${percent} % of user requests good, expected 90 % or more${lag}`,
      {
        code: 'steady-state',
        exitCode: 1,
        hint: steadyStateHint,
      },
    );
  }
}
