import { createStream, UsageError } from '../../core/tools/index.ts';
import { RowScaler } from './row-scaler.ts';

type Core = typeof import('@tensorflow/tfjs-core');
type Layers = typeof import('@tensorflow/tfjs-layers');
type Model = import('@tensorflow/tfjs-layers').Sequential;

interface Tensorflow {
  readonly core: Core;
  readonly layers: Layers;
}

const windowRows = 16;
const units = 24;
const batchWindows = 32;
const epochs = 4;
/** Windows trained on: evenly chosen among all, to keep the time in bounds. */
const trainedWindowsMax = 768;
const learningRate = 0.005;

/**
 * LSTM encoder and decoder over windows of 16 standardised rows (Malhotra et al. 2016); the squared
 * reconstruction error of a row is its score, which so looks up to 15 rows ahead. A comparison arm:
 * needs the optional TensorFlow.js packages and tens of seconds per fit. Initial weights and the
 * order of batches come from the seed; equal seeds give equal scores on one machine.
 */
export class LstmAutoencoder {
  readonly #tensorflow: Tensorflow;
  readonly #columns: number;
  readonly #seed: number;
  readonly #scaler = new RowScaler();
  readonly #model: Model;

  private constructor(tensorflow: Tensorflow, columns: number, seed: number) {
    this.#tensorflow = tensorflow;
    this.#columns = columns;
    this.#seed = seed;
    this.#model = buildModel(tensorflow, columns, seed);
  }

  /** Loads TensorFlow.js; a UsageError with the next step where it is not installed. */
  static async create({
    columns,
    seed,
  }: {
    columns: number;
    seed: number;
  }): Promise<LstmAutoencoder> {
    return new LstmAutoencoder(await loadTensorflow(), columns, seed);
  }

  async fit(rows: Float64Array): Promise<void> {
    const { core } = this.#tensorflow;
    this.#scaler.fit(rows, this.#columns);
    const { windows, count } = this.#cut(rows);
    const size = windowRows * this.#columns;
    const stream = createStream(this.#seed, 'lstm-autoencoder');
    const step = Math.max(1, count / trainedWindowsMax);
    const chosen = Array.from({ length: Math.floor(count / step) }, (_, i) => Math.floor(i * step));
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      const order = stream.shuffle(chosen);
      for (let from = 0; from < order.length; from += batchWindows) {
        const batch = order.slice(from, from + batchWindows);
        const values = new Float32Array(batch.length * size);
        batch.forEach((window, i) => {
          values.set(windows.subarray(window * size, (window + 1) * size), i * size);
        });
        const tensor = core.tensor3d(values, [batch.length, windowRows, this.#columns]);
        await this.#model.trainOnBatch(tensor, tensor);
        tensor.dispose();
      }
    }
  }

  /** Mean squared reconstruction error per row. */
  score(rows: Float64Array): Float64Array {
    const { core } = this.#tensorflow;
    const { windows, count, starts } = this.#cut(rows);
    const columns = this.#columns;
    const size = windowRows * columns;
    const scores = new Float64Array(Math.floor(rows.length / columns));
    for (let from = 0; from < count; from += batchWindows) {
      const until = Math.min(count, from + batchWindows);
      const part = windows.subarray(from * size, until * size);
      const restored = core.tidy(() => {
        const tensor = core.tensor3d(part, [until - from, windowRows, columns]);
        return (this.#model.predict(tensor) as typeof tensor).dataSync();
      });
      for (let window = from; window < until; window += 1) {
        for (let i = 0; i < windowRows && starts[window]! + i < scores.length; i += 1) {
          const at = (window - from) * size + i * columns;
          let error = 0;
          for (let k = 0; k < columns; k += 1) error += (part[at + k]! - restored[at + k]!) ** 2;
          scores[starts[window]! + i] = error / columns;
        }
      }
    }
    return scores;
  }

  /** Standardised windows side by side; the last one overlaps so that it ends with the last row. */
  #cut(rows: Float64Array): { windows: Float32Array; count: number; starts: Int32Array } {
    const columns = this.#columns;
    const total = Math.floor(rows.length / columns);
    const count = Math.ceil(total / windowRows);
    const starts = Int32Array.from({ length: count }, (_, i) =>
      Math.max(0, Math.min(i * windowRows, total - windowRows)),
    );
    const windows = new Float32Array(count * windowRows * columns);
    const z = new Float64Array(columns);
    starts.forEach((start, window) => {
      for (let i = 0; i < windowRows; i += 1) {
        // Too few rows for one window: its rest is the last row again.
        const from = Math.min(start + i, total - 1) * columns;
        this.#scaler.apply(rows.subarray(from, from + columns), z);
        windows.set(z, (window * windowRows + i) * columns);
      }
    });
    return { windows, count, starts };
  }
}

async function loadTensorflow(): Promise<Tensorflow> {
  try {
    const core = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-cpu');
    const layers = await import('@tensorflow/tfjs-layers');
    // Otherwise it advertises its native package on stderr.
    core.env().set('PROD', true);
    await core.setBackend('cpu');
    return { core, layers };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new UsageError(
      `lstm autoencoder: TensorFlow.js cannot be loaded: ${reason}`,
      'install the optional packages: npm install --include=optional',
    );
  }
}

function buildModel({ core, layers }: Tensorflow, columns: number, seed: number): Model {
  const initializer = (layer: number) =>
    layers.initializers.glorotUniform({ seed: seed * 100 + layer });
  const model = layers.sequential();
  model.add(
    layers.layers.lstm({
      units,
      inputShape: [windowRows, columns],
      kernelInitializer: initializer(1),
      recurrentInitializer: initializer(2),
    }),
  );
  model.add(layers.layers.repeatVector({ n: windowRows }));
  model.add(
    layers.layers.lstm({
      units,
      returnSequences: true,
      kernelInitializer: initializer(3),
      recurrentInitializer: initializer(4),
    }),
  );
  model.add(
    layers.layers.timeDistributed({
      layer: layers.layers.dense({ units: columns, kernelInitializer: initializer(5) }),
    }),
  );
  model.compile({ optimizer: core.train.adam(learningRate), loss: 'meanSquaredError' });
  return model;
}
