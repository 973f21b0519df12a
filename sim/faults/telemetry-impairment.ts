import type { TelemetryImpairment } from '../conditions.ts';
import type { FaultEffect } from './effect.ts';

/**
 * Takes telemetry from its observers, while the system and its users are well: scrapes, lines or
 * spans of a zone, node, service or everything (`telemetry/*`) get lost or late, metrics stand
 * still, or clocks are off. What was late arrives when it ends; what was lost never does.
 */
export const telemetryImpairment: FaultEffect<TelemetryImpairment> = {
  async begin({ target, parameters }, { conditions }) {
    const entry: TelemetryImpairment = {
      target,
      signal: parameters.signal as TelemetryImpairment['signal'],
      mode: parameters.mode as TelemetryImpairment['mode'],
      share: Number(parameters.share ?? 0),
      delayMs: Number(parameters.delayMs ?? 0),
      offsetMs: Number(parameters.offsetMs ?? 0),
    };
    conditions.telemetryImpairments.push(entry);
    return entry;
  },
  async end(_fault, note, { conditions: { telemetryImpairments: all } }) {
    // Two that agree in all of this are interchangeable.
    const keys = Object.keys(note) as (keyof TelemetryImpairment)[];
    const mine = all.findIndex((entry) => keys.every((key) => entry[key] === note[key]));
    if (mine >= 0) all.splice(mine, 1);
  },
};
