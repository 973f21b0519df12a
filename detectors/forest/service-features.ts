import type { MetricsFrame, SignalName } from '../../core/observable/index.ts';
import { signalCatalogue, signalSpec } from '../../core/observable/index.ts';

/**
 * The features of one service: its own signals, then the means over its pods. Counters say nothing.
 */
const featureSignals: readonly SignalName[] = signalCatalogue
  .filter(({ scope }) => scope === 'service' || scope === 'pod')
  .map(({ name }) => name)
  .filter((name) => name !== 'container_restarts_total');
const featureOf: ReadonlyMap<string, number> = new Map(featureSignals.map((name, i) => [name, i]));

/** Width of a service's feature vector. */
export const serviceFeatureCount: number = featureSignals.length;

/** Turns frames into one feature vector per service; services are numbered as they appear. */
export class ServiceFeatures {
  /** Per service and feature: the service's own column, -1 for features of pods. */
  readonly ownColumns: Int32Array[] = [];
  readonly #services = new Map<string, number>();
  /** Per column: service * width + feature, or -1. */
  readonly #slots: number[] = [];
  #sums = new Float64Array(0);
  #counts = new Float64Array(0);

  get services(): number {
    return this.#services.size;
  }

  /** All vectors one after the other; NaN where nothing was scraped. Valid until the next call. */
  extract(frame: MetricsFrame): Float64Array {
    this.#grow(frame);
    const size = this.services * serviceFeatureCount;
    if (this.#sums.length < size) {
      this.#sums = new Float64Array(size);
      this.#counts = new Float64Array(size);
    }
    this.#sums.fill(0);
    this.#counts.fill(0);
    for (let i = 0; i < frame.values.length; i += 1) {
      const slot = this.#slots[i]!;
      const value = frame.values[i]!;
      if (slot < 0 || Number.isNaN(value)) continue;
      this.#sums[slot]! += value;
      this.#counts[slot]! += 1;
    }
    for (let slot = 0; slot < size; slot += 1) this.#sums[slot]! /= this.#counts[slot]!;
    return this.#sums.subarray(0, size);
  }

  #grow({ index, values }: MetricsFrame): void {
    for (let i = this.#slots.length; i < values.length; i += 1) {
      const { signal, component, labels } = index.series[i]!;
      const feature = featureOf.get(signal);
      const isOwn = signalSpec(signal).scope === 'service';
      const service = isOwn ? component : `service/${labels.service}`;
      if (feature === undefined) {
        this.#slots.push(-1);
        continue;
      }
      let number = this.#services.get(service);
      if (number === undefined) {
        number = this.#services.size;
        this.#services.set(service, number);
        this.ownColumns.push(new Int32Array(serviceFeatureCount).fill(-1));
      }
      if (isOwn) this.ownColumns[number]![feature] = i;
      this.#slots.push(number * serviceFeatureCount + feature);
    }
  }
}
