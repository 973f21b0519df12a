import { componentKind, componentName } from '../../core/observable/index.ts';
import { createDrawKey, hashText, uniformAt } from '../../core/tools/index.ts';
import type { TelemetryImpairment } from '../conditions.ts';

/** Where something was measured, logged or traced. */
export interface Place {
  readonly service: string;
  readonly node: string;
  readonly zone: string;
}

/** The target that stands for all telemetry. */
const everything = 'telemetry/*';

type Signal = 'metrics' | 'logs' | 'spans';

/** The key of all draws that decide what is lost. */
export function createLossKey(seed: number): number {
  return createDrawKey(seed, 'telemetry/loss');
}

/**
 * What impairments in force take from an observer, while the system itself goes on as it was. Draws
 * are addressed by (seed, entity, scrape).
 */
export class TelemetryLoss {
  readonly #key: number;
  readonly #impairments: readonly TelemetryImpairment[];

  /** `key` is that of the run's {@link createLossKey}. */
  constructor(key: number, impairments: readonly TelemetryImpairment[]) {
    this.#key = key;
    this.#impairments = impairments;
  }

  get isNone(): boolean {
    return this.#impairments.length === 0;
  }

  /** Whether something is lost; `place` null: it belongs to no place, such as the users' view. */
  isLost(signal: Signal, place: Place | null, entity: number, tick: number): boolean {
    for (const impairment of this.#impairments) {
      if (impairment.mode !== 'drop' || !concerns(impairment, signal, place)) continue;
      const salted = (entity ^ hashText(`${signal} ${impairment.target}`)) >>> 0;
      if (uniformAt(this.#key, salted, tick) < impairment.share) return true;
    }
    return false;
  }

  /** Whether the place's metrics stand still. */
  isStale(place: Place | null): boolean {
    return this.#impairments.some((one) => one.mode === 'stale' && concerns(one, 'metrics', place));
  }

  get hasStale(): boolean {
    return this.#impairments.some(({ mode }) => mode === 'stale');
  }

  /** How late the place's lines or spans arrive. */
  delayMs(signal: Signal, place: Place): number {
    return this.#sum('delay', signal, place, ({ delayMs }) => delayMs);
  }

  /** How far the place's clock is ahead. */
  offsetMs(signal: Signal, place: Place): number {
    return this.#sum('clock_offset', signal, place, ({ offsetMs }) => offsetMs);
  }

  #sum(
    mode: TelemetryImpairment['mode'],
    signal: Signal,
    place: Place,
    amount: (impairment: TelemetryImpairment) => number,
  ): number {
    let sum = 0;
    for (const impairment of this.#impairments) {
      if (impairment.mode === mode && concerns(impairment, signal, place))
        sum += amount(impairment);
    }
    return sum;
  }
}

function concerns(impairment: TelemetryImpairment, signal: Signal, place: Place | null): boolean {
  if (impairment.signal !== 'all' && impairment.signal !== signal) return false;
  if (impairment.target === everything) return true;
  if (place === null) return false;
  const kind = componentKind(impairment.target);
  if (kind !== 'zone' && kind !== 'node' && kind !== 'service') return false;
  return place[kind] === componentName(impairment.target);
}
