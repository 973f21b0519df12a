import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { symmetricEigen } from '../multivariate/symmetric-eigen.ts';
import { normalSurprise } from '../tails/surprises.ts';
import { type CountRow, CountRows, mostFrequent, rowsByService } from './count-rows.ts';
import { type LogAnomaly, type LogDetector, type LogWindow, logThreshold } from './log-detector.ts';
import { ServiceStates } from './service-states.ts';

/** Windows remembered per service (an hour), those before an opinion, and new ones per fit. */
const rowsMax = 240;
const rowsMin = 60;
const refitAfter = 40;
/** Templates with a dimension of their own. */
const templatesMax = 24;
/** Components are kept until they explain this share of the variance. */
const explainedShare = 0.95;
/** The smallest variance of a square root of a count; one of a Poisson variable has a quarter. */
const varianceMin = 0.05;
/** The rows themselves must not be rarer than their number allows. */
const checkedShare = 0.99;

/** A service's usual windows, and how far from them others are. */
interface Model {
  readonly templates: readonly number[];
  readonly means: Float64Array;
  /** The kept components, one after the other. */
  readonly components: Float64Array;
  /** Jackson and Mudholkar's constants, and what the squared error is divided by. */
  readonly phi1: number;
  readonly phi2: number;
  readonly h0: number;
  readonly scale: number;
}

interface Service {
  readonly rows: CountRows;
  fitted: readonly CountRow[];
  model: Model | null;
  rowsSinceFit: number;
}

/**
 * Principal components of a service's template counts per window (Xu et al., SOSP 2009): alarms
 * when counts that used to go together no longer do, by the squared prediction error and the normal
 * approximation of its tail (Jackson and Mudholkar, 1979). Square roots make counts' noise even; a
 * heavier tail of the last hour's own windows widens it. Deaf to templates beyond the 24 most
 * frequent. O(24²) per service and window, a fit of O(24³) every 40.
 */
export class CountPcaDetector implements LogDetector {
  readonly name = 'log_count_pca';
  readonly threshold: number;
  readonly #services = new ServiceStates<Service>({
    create: () => ({ rows: new CountRows(rowsMax), fitted: [], model: null, rowsSinceFit: 0 }),
    write: (writer, { rows, fitted, rowsSinceFit }) => {
      rows.writeState(writer);
      writer.plain({ fitted, rowsSinceFit });
    },
    read: (reader, service) => {
      service.rows.readState(reader);
      Object.assign(service, reader.plain<Pick<Service, 'fitted' | 'rowsSinceFit'>>());
      service.model = service.fitted.length > 0 ? modelOf(service.fitted) : null;
    },
  });

  constructor({ threshold = logThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: LogWindow): readonly LogAnomaly[] {
    const rows = rowsByService(window);
    return [...this.#services].flatMap(([service, { model }]) => {
      // A silent service is for those who listen for silence.
      const row = rows.get(service);
      if (model === null || row === undefined) return [];
      const residuals = residualsOf(model, row);
      const score = surpriseOf(model, squaresOf(residuals));
      if (score < this.threshold) return [];
      const place = residuals.reduce(
        (most, _, i) => (Math.abs(residuals[i]!) > Math.abs(residuals[most]!) ? i : most),
        0,
      );
      const template = model.templates[place] as number;
      const count = row.find(([one]) => one === template)?.[1] ?? 0;
      const expected = Math.max(0, Math.sqrt(count) - residuals[place]!) ** 2;
      return [{ service, template, score, count, expected }];
    });
  }

  learn(window: LogWindow): void {
    const rows = rowsByService(window);
    for (const name of rows.keys()) this.#services.of(name);
    for (const [name, service] of this.#services) {
      const isRenamed = service.rows.follow(window.current);
      service.rows.push(rows.get(name) ?? []);
      service.rowsSinceFit += 1;
      const due = service.model === null ? rowsMin : refitAfter;
      if (service.rowsSinceFit < due && !(isRenamed && service.model)) continue;
      service.fitted = [...service.rows.rows];
      service.model = modelOf(service.fitted);
      service.rowsSinceFit = 0;
    }
  }

  writeState(writer: StateWriter): void {
    this.#services.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#services.readState(reader);
  }
}

/** The model of these rows; null when there is nothing to see. */
function modelOf(rows: readonly CountRow[]): Model | null {
  const templates = mostFrequent(rows, templatesMax);
  const size = templates.length;
  if (size === 0) return null;
  const roots = rows.map((row) => rootsOf(templates, row));
  const means = new Float64Array(size);
  for (const row of roots) for (let i = 0; i < size; i += 1) means[i]! += row[i]! / rows.length;
  const covariance = new Float64Array(size * size);
  for (const row of roots) {
    for (let i = 0; i < size; i += 1) {
      for (let k = 0; k < size; k += 1) {
        covariance[i * size + k]! += ((row[i]! - means[i]!) * (row[k]! - means[k]!)) / rows.length;
      }
    }
  }
  const { values, vectors } = symmetricEigen(covariance, size);
  const total = values.reduce((sum, value) => sum + value, 0);
  let kept = 0;
  // One component is always left out: without an error there is nothing to judge by.
  for (let sum = 0; kept < size - 1 && sum < explainedShare * total; kept += 1)
    sum += values[kept]!;
  const left = values.subarray(kept).map((value) => Math.max(varianceMin, value));
  const phi = (power: number): number => left.reduce((sum, value) => sum + value ** power, 0);
  const [phi1, phi2, phi3] = [phi(1), phi(2), phi(3)];
  const model: Model = {
    templates,
    means,
    components: vectors.slice(0, kept * size),
    phi1,
    phi2,
    h0: Math.max(0.05, 1 - (2 * phi1 * phi3) / (3 * phi2 * phi2)),
    scale: 1,
  };
  return { ...model, scale: ownScale(model, rows) };
}

/** How much larger the rows' own errors are, at their 99th percentile, than they should be. */
function ownScale(model: Model, rows: readonly CountRow[]): number {
  const errors = Float64Array.from(rows, (row) => squaresOf(residualsOf(model, row))).sort();
  const observed = errors[Math.floor(checkedShare * (errors.length - 1))]!;
  const { phi1, phi2, h0 } = model;
  const deviate = 2.3263;
  const root =
    (deviate * Math.sqrt(2 * phi2 * h0 * h0)) / phi1 + 1 + (phi2 * h0 * (h0 - 1)) / (phi1 * phi1);
  return Math.max(1, observed / (phi1 * root ** (1 / h0)));
}

/** -log10 of the chance of a squared error as large as this. */
function surpriseOf({ phi1, phi2, h0, scale }: Model, squares: number): number {
  const root = (squares / scale / phi1) ** h0;
  const centred = root - 1 - (phi2 * h0 * (h0 - 1)) / (phi1 * phi1);
  return normalSurprise((phi1 * centred) / Math.sqrt(2 * phi2 * h0 * h0));
}

/** What the kept components leave of a row. */
function residualsOf({ templates, means, components }: Model, row: CountRow): Float64Array {
  const residuals = rootsOf(templates, row);
  const size = residuals.length;
  for (let i = 0; i < size; i += 1) residuals[i]! -= means[i]!;
  for (let from = 0; from < components.length; from += size) {
    let along = 0;
    for (let i = 0; i < size; i += 1) along += components[from + i]! * residuals[i]!;
    for (let i = 0; i < size; i += 1) residuals[i]! -= along * components[from + i]!;
  }
  return residuals;
}

function rootsOf(templates: readonly number[], row: CountRow): Float64Array {
  const counts = new Map(row);
  return Float64Array.from(templates, (template) => Math.sqrt(counts.get(template) ?? 0));
}

function squaresOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
