import type { Detector, FrameScores, MetricsFrame } from '../../core/observable/index.ts';
import { mean, standardDeviation } from '../../core/tools/index.ts';
import { restoreState, type StateId, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ScoreBuffers } from '../score-buffers.ts';
import type { Forest } from './isolation-forest.ts';
import { ServiceFeatures, serviceFeatureCount } from './service-features.ts';

export interface ForestDetectorOptions {
  /** Scrapes remembered for training. */
  readonly historyScrapes?: number;
  /** Scrapes between trainings; the first comes after `warmUpScrapes`. */
  readonly retrainScrapes?: number;
  readonly warmUpScrapes?: number;
}

interface ServiceModel {
  readonly rows: Float64Array;
  count: number;
  forest: Forest | null;
  /** Mean and standard deviation of each feature when the forest was trained. */
  means: Float64Array;
  deviations: Float64Array;
}

/**
 * One isolation forest per service, over the service's signals and the means over its pods. The
 * score, as a multiple of the forest's cut, goes to the service's most deviating signals. One alarm
 * in a hundred is false by construction; training costs milliseconds per service.
 */
export class ForestDetector implements Detector {
  readonly name: string;
  /** Only of forests that can be saved. */
  readonly save?: () => Uint8Array;
  readonly restore?: (bytes: Uint8Array) => void;
  /** Above the cut, not at it: rows that are all alike score exactly the cut. */
  readonly threshold: number = 1 + 1e-9;
  readonly #createForest: (service: number) => Forest;
  readonly #options: Required<ForestDetectorOptions>;
  readonly #features = new ServiceFeatures();
  #models: ServiceModel[] = [];
  readonly #buffers = new ScoreBuffers();
  #scrapes = 0;

  constructor(
    name: string,
    createForest: (service: number) => Forest,
    options: ForestDetectorOptions = {},
  ) {
    this.name = name;
    this.#createForest = createForest;
    this.#options = { historyScrapes: 256, retrainScrapes: 80, warmUpScrapes: 60, ...options };
    if (createForest(0).writeState) {
      const id: StateId = { kind: name, version: 1, settings: { ...this.#options } };
      this.save = () => saveState(id, this);
      this.restore = (bytes) => restoreState(id, bytes, this);
    }
  }

  score(frame: MetricsFrame): FrameScores {
    const vectors = this.#features.extract(frame);
    const out = this.#buffers.clear(frame.values.length);
    const row = new Float64Array(serviceFeatureCount);
    for (let service = 0; service < this.#models.length; service += 1) {
      const model = this.#models[service]!;
      if (!model.forest) continue;
      const from = service * serviceFeatureCount;
      for (let k = 0; k < serviceFeatureCount; k += 1) {
        const value = vectors[from + k]!;
        row[k] = !Number.isNaN(value) ? value : model.means[k]!;
      }
      this.#tell(service, row, model.forest.predict(row) / model.forest.cut, out);
    }
    return out;
  }

  learn(frame: MetricsFrame): void {
    const vectors = this.#features.extract(frame);
    this.#scrapes += 1;
    const { historyScrapes, retrainScrapes, warmUpScrapes } = this.#options;
    const isDue =
      this.#scrapes >= warmUpScrapes && (this.#scrapes - warmUpScrapes) % retrainScrapes === 0;
    for (let service = 0; service < this.#features.services; service += 1) {
      this.#models[service] ??= emptyModel(historyScrapes);
      const model = this.#models[service]!;
      const from = service * serviceFeatureCount;
      const at = (model.count % historyScrapes) * serviceFeatureCount;
      model.rows.set(vectors.subarray(from, from + serviceFeatureCount), at);
      model.count += 1;
      if (isDue && model.count >= warmUpScrapes) this.#train(service, model);
    }
  }

  /** Services are read off the frames again. */
  writeState(writer: StateWriter): void {
    writer.integer(this.#scrapes);
    writer.integer(this.#models.length);
    for (const { rows, count, means, deviations, forest } of this.#models) {
      writer.array(rows);
      writer.integer(count);
      writer.array(means);
      writer.array(deviations);
      writer.integer(forest ? 1 : 0);
      forest?.writeState?.(writer);
    }
  }

  readState(reader: StateReader): void {
    this.#scrapes = reader.integer();
    this.#models = Array.from({ length: reader.integer() }, (_, service) => {
      const rows = reader.float64s();
      const count = reader.integer();
      const means = reader.float64s();
      const deviations = reader.float64s();
      const forest = reader.integer() === 1 ? this.#createForest(service) : null;
      forest?.readState?.(reader);
      return { rows, count, means, deviations, forest };
    });
  }

  #train(service: number, model: ServiceModel): void {
    const rows = Math.min(model.count, this.#options.historyScrapes);
    const data = model.rows.slice(0, rows * serviceFeatureCount);
    for (let k = 0; k < serviceFeatureCount; k += 1) {
      const known: number[] = [];
      for (let at = k; at < data.length; at += serviceFeatureCount) {
        if (!Number.isNaN(data[at]!)) known.push(data[at]!);
      }
      model.means[k] = known.length > 0 ? mean(known) : 0;
      model.deviations[k] = Math.max(
        standardDeviation(known),
        1e-3 * Math.abs(model.means[k]!),
        1e-6,
      );
      for (let at = k; at < data.length; at += serviceFeatureCount) {
        if (Number.isNaN(data[at]!)) data[at] = model.means[k]!;
      }
    }
    model.forest ??= this.#createForest(service);
    model.forest.train(data, serviceFeatureCount);
  }

  /** Writes a service's score to its columns; fully to those that deviate most. */
  #tell(service: number, row: Float64Array, score: number, out: FrameScores): void {
    const model = this.#models[service]!;
    const columns = this.#features.ownColumns[service]!;
    let loudest = -1;
    for (let k = 0; k < serviceFeatureCount; k += 1) {
      const column = columns[k]!;
      if (column < 0 || column >= out.scores.length) continue;
      const z = (row[k]! - model.means[k]!) / model.deviations[k]!;
      out.expected[column] = model.means[k]!;
      out.zScores[column] = z;
      out.scores[column] = Math.abs(z) >= 3 ? score : Math.min(score, 0.99);
      if (loudest < 0 || Math.abs(z) > Math.abs(out.zScores[loudest]!)) loudest = column;
    }
    if (loudest >= 0) out.scores[loudest] = score;
  }
}

function emptyModel(historyScrapes: number): ServiceModel {
  return {
    rows: new Float64Array(historyScrapes * serviceFeatureCount),
    count: 0,
    forest: null,
    means: new Float64Array(serviceFeatureCount),
    deviations: new Float64Array(serviceFeatureCount),
  };
}
