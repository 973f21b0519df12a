import type { MetricsFrame, SeriesDescriptor } from '../../core/observable/index.ts';

/**
 * Copies of frames that a module cannot change, but for their values, which typed arrays do not let
 * be frozen: an assignment throws where it stands. The same object for the same frame, and one
 * index while there are no new series. Costs a copy of the descriptors when there are.
 */
export class FrozenFrames {
  #frame: MetricsFrame | null = null;
  #copy: MetricsFrame | null = null;
  #source: readonly SeriesDescriptor[] | null = null;
  #index: MetricsFrame['index'] = { series: [] };

  copyOf(frame: MetricsFrame): MetricsFrame {
    if (this.#copy === null || this.#frame !== frame) {
      const { atMs, index, values } = frame;
      this.#frame = frame;
      this.#copy = Object.freeze({ atMs, index: this.#indexOf(index), values });
    }
    return this.#copy;
  }

  #indexOf({ series }: MetricsFrame['index']): MetricsFrame['index'] {
    const known = this.#source === series ? this.#index.series : [];
    if (this.#source !== series || known.length !== series.length) {
      const added = series.slice(known.length).map((one) => {
        return Object.freeze({ ...one, labels: Object.freeze({ ...one.labels }) });
      });
      this.#source = series;
      this.#index = Object.freeze({ series: Object.freeze([...known, ...added]) });
    }
    return this.#index;
  }
}
