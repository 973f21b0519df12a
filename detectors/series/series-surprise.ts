import type { Checkpointed } from '../../core/observable/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { PointDetector, PointVerdict } from '../univariate/point-verdict.ts';
import { verdictOf } from '../univariate/point-verdict.ts';
import { RecordPeak, type RecordPeakOptions } from './record-peak.ts';
import type { SeriesEnsembleOptions } from './series-ensemble.ts';
import { SeriesEnsemble } from './series-ensemble.ts';

export interface SeriesSurpriseOptions extends Partial<SeriesEnsembleOptions> {
  /** Alarm at this -log10 p of the rarest view. */
  readonly threshold?: number;
  /** What counts as the recent past, of which an alarm must be the record; null lets all speak. */
  readonly record?: Partial<RecordPeakOptions> | null;
}

/**
 * The per-series view of the default stack, without catalogue, topology or persistence: how rare a
 * value is, told once per event.
 */
export class SeriesSurprise implements PointDetector, Checkpointed, StatePart {
  readonly threshold: number;
  readonly #ensemble: SeriesEnsemble;
  readonly #records: RecordPeak | null;
  readonly #stateId: StateId;

  constructor(options: SeriesSurpriseOptions = {}) {
    const { threshold = 3.5, record = {}, ...ensemble } = options;
    this.threshold = threshold;
    this.#records = record ? new RecordPeak(record) : null;
    this.#ensemble = new SeriesEnsemble(ensemble);
    this.#ensemble.grow(1);
    const { stateVersion } = SeriesEnsemble;
    const settings = { record, ...ensemble, stateVersions: { ensemble: stateVersion } };
    this.#stateId = { kind: 'series surprise', version: 1, settings };
  }

  score(value: number, atMs: number): PointVerdict {
    this.#ensemble.moveTo(atMs);
    const surprise = this.#ensemble.surprise(0, value);
    const isTold = Number.isNaN(surprise) || !this.#records || this.#records.isRecord(surprise);
    return verdictOf({ atMs, value }, isTold ? surprise : 0, this.threshold);
  }

  learn(value: number, atMs: number): void {
    if (!Number.isFinite(value)) return;
    this.#ensemble.moveTo(atMs);
    if (this.#records) {
      const surprise = this.#ensemble.surprise(0, value);
      if (!Number.isNaN(surprise)) this.#records.learn(surprise);
    }
    this.#ensemble.learn(0, value);
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#ensemble.writeState(writer);
    if (this.#records) this.#records.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#ensemble.readState(reader);
    if (this.#records) this.#records.readState(reader);
  }
}
