import type { SignalSpec } from '../../core/observable/index.ts';

/** How far a signal must move before anybody would care, whatever its noise. */
export interface SignalGate {
  /** In the signal's own unit. */
  readonly absolute: number;
  /** Share of the expected value. */
  readonly relative: number;
}

/** The gate of a signal, from its unit, scope and role in the catalogue. */
export function signalGate(spec: SignalSpec): SignalGate {
  if (spec.role === 'state') return { absolute: 0.5, relative: 0 };
  switch (spec.unit) {
    case 'ms':
      // The farther out the quantile, the noisier it is by nature. Nobody notices a tenth of a
      // second.
      return {
        absolute: spec.scope === 'user' ? 100 : 25,
        relative: spec.name.endsWith('p99') ? 1 : 0.6,
      };
    case 'ratio':
      if (spec.role === 'resource') return { absolute: 0.15, relative: 0.3 };
      return { absolute: spec.scope === 'user' ? 0.01 : 0.02, relative: 1 };
    case '1/s':
      return { absolute: 1, relative: 0.4 };
    case 'bytes':
      return { absolute: 50e6, relative: 0.5 };
    case 'count':
      return { absolute: 5, relative: 1 };
  }
}
