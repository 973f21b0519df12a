import type {
  Detector,
  Incident,
  SeriesCurve,
  SeriesReport,
  SeriesSummary,
} from '../../core/observable/index.ts';
import { InputError, UsageError } from '../../core/tools/index.ts';
import { findAnomalies, IncidentTracker, OwnSeriesDetector } from '../../detectors/index.ts';
import type { ModuleCall } from '../custom-detector/guarded-detector.ts';
import { loadDetector } from '../custom-detector/load-detector.ts';
import { CurveRecorder } from './curve-recorder.ts';
import { holdSamples, seriesOfHeld } from './held-samples.ts';
import { OwnColumns } from './own-columns.ts';
import { type OwnSeriesFile, type RawSeries, readOwnSeries } from './read-own-series.ts';
import { restoreDetection, saveDetection } from './saved-detection.ts';
import { timeGrid } from './time-grid.ts';
import { topologyOfSeries } from './topology-of-series.ts';

export interface DetectOptions {
  /** A name, or the path of a module. */
  readonly detector: string;
  /** Where CSV columns without labels belong: one place, so that they are one incident. */
  readonly group: string;
  /** What an earlier run saved; it goes on from there. */
  readonly state: { readonly file: string; readonly bytes: Uint8Array } | null;
  /** Whether a state is wanted at the end. */
  readonly isToSave: boolean;
  readonly onProgress?: (share: number) => void | Promise<void>;
  /**
   * Makes every call of a module of the user's own, so that one that never returns can be ended.
   */
  readonly callModule?: ModuleCall;
}

export interface Detection {
  readonly report: SeriesReport;
  /** Series with anomalies first, then in the file's order; at most {@link curvesMax}. */
  readonly curves: readonly SeriesCurve[];
  /** Null unless it was asked for. */
  readonly state: Uint8Array | null;
}

const curvesMax = 40;
/** Frames between two looks at what goes on outside. */
const rowsAtOnce = 64;
/** An incident is over after so many quiet frames, and flares up again within so many. */
const quietFrames = 12;
const graceFrames = 20;

/** Runs a detector over a user's own series and groups what it finds into incidents. */
export async function detectSeries(
  source: OwnSeriesFile,
  options: DetectOptions,
): Promise<Detection> {
  const read = await readOwnSeries(source);
  const columns = new OwnColumns(source.format === 'csv' ? options.group : null);
  const detector = await createSeriesDetector(options);
  const stateId = { detector: detector.name, group: options.group, format: source.format };
  const resumed = resume(options.state, (bytes) => restoreDetection(bytes, stateId, columns));
  const raws = resumed ? [...seriesOfHeld(resumed.held, columns), ...read] : read;
  const numbers = raws.map((raw) => columns.numberOf(raw));
  const grid = timeGrid(raws, resumed?.grid ?? null);
  const tracker = createTracker(columns, grid.intervalMs);
  if (resumed) {
    resume(options.state, () => detector.restore?.(resumed.detector));
    resume(options.state, () => tracker.restore(resumed.tracker));
  }
  const lastAtMs = resumed?.lastAtMs ?? Number.NaN;
  const unseen = grid.instantsMs.filter((atMs) => !(atMs <= lastAtMs));
  // Samples of the last interval may be in the next file, so it waits for that.
  const heldAtMs = options.isToSave && !grid.isShared ? unseen.at(-1) : undefined;
  const instants = unseen.filter((atMs) => atMs !== heldAtMs);
  const width = columns.raws.length;
  const table = tableOf(raws, { numbers, instants, width, instantOf: grid.instantOf });
  const found = await play({ table, instants, columns, detector, tracker, options });
  const state = options.isToSave
    ? saveDetection(stateId, {
        columns,
        grid,
        lastAtMs: instants.at(-1) ?? lastAtMs,
        held: holdSamples(raws, numbers, (atMs) => grid.instantOf(atMs) === heldAtMs),
        detector: detector.save?.() as Uint8Array,
        tracker: tracker.save(),
      })
    : null;
  const series = columns.series.map(({ signal, component, labels }, column): SeriesSummary => {
    const { curves } = found;
    const [points, anomalies] = [curves.points(column), curves.anomalies(column)];
    return { signal, component, labels, points, anomalies };
  });
  const report: SeriesReport = {
    schemaVersion: 1,
    file: source.file,
    detector: detector.name,
    fromMs: instants[0] ?? Number.NaN,
    untilMs: instants.at(-1) ?? Number.NaN,
    intervalMs: grid.intervalMs,
    frames: instants.length,
    framesSkipped: grid.instantsMs.length - unseen.length,
    series,
    incidents: found.incidents,
  };
  return { report, curves: chooseCurves(series, found.curves), state };
}

/** Reads from a saved state, if there is one; what is wrong with it is told with its file. */
function resume<Result>(
  state: DetectOptions['state'],
  read: (bytes: Uint8Array) => Result,
): Result | null {
  if (state === null) return null;
  try {
    return read(state.bytes);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${state.file}: ${error.message}`, {
      hint: 'drop --load-state to start anew, with --save-state to write a new one',
      cause: error,
    });
  }
}

async function createSeriesDetector({
  detector,
  isToSave,
  state,
  callModule,
}: DetectOptions): Promise<Detector> {
  if (detector === 'default') return new OwnSeriesDetector(detector);
  const loaded = await loadDetector(detector, {
    seed: 1,
    ...(callModule && { callModule }),
  });
  if ((isToSave || state) && !(loaded.save && loaded.restore)) {
    throw new UsageError(
      `detector ${loaded.name} cannot save its state`,
      'give it save() and restore(bytes), or drop --save-state and --load-state',
    );
  }
  return loaded;
}

function createTracker(columns: OwnColumns, intervalMs: number): IncidentTracker {
  return new IncidentTracker(topologyOfSeries(columns.series), {
    quietMs: Math.max(180_000, quietFrames * intervalMs),
    graceMs: Math.max(300_000, graceFrames * intervalMs),
  });
}

/** Raw values by frame and number; the last sample of a frame counts. */
function tableOf(
  raws: readonly RawSeries[],
  given: {
    numbers: readonly number[];
    instants: readonly number[];
    width: number;
    instantOf: (atMs: number) => number;
  },
): Float64Array[] {
  const { numbers, instants, width, instantOf } = given;
  const rows = new Map(instants.map((atMs, row) => [atMs, row]));
  const table = instants.map(() => new Float64Array(width).fill(Number.NaN));
  for (const [i, { timesMs, values }] of raws.entries()) {
    for (const [at, atMs] of timesMs.entries()) {
      const row = rows.get(instantOf(atMs));
      if (row !== undefined)
        (table[row] as Float64Array)[numbers[i] as number] = values[at] as number;
    }
  }
  return table;
}

interface Play {
  readonly table: readonly Float64Array[];
  readonly instants: readonly number[];
  readonly columns: OwnColumns;
  readonly detector: Detector;
  readonly tracker: IncidentTracker;
  readonly options: DetectOptions;
}

async function play({
  table,
  instants,
  columns,
  detector,
  tracker,
  options,
}: Play): Promise<{ curves: CurveRecorder; incidents: Incident[] }> {
  const curves = new CurveRecorder();
  const incidents = new Map<string, Incident>();
  const { onProgress, callModule = (call) => call() } = options;
  const playRow = (row: number): void => {
    const frame = columns.frame(instants[row] as number, table[row] as Float64Array);
    const anomalies = findAnomalies(detector, frame);
    curves.observe(frame, detector.score(frame), detector.threshold);
    detector.learn(frame);
    for (const { incident } of tracker.observe(frame.atMs, anomalies, frame)) {
      incidents.set(incident.id, incident);
    }
  };
  const playRows = (from: number, until: number): void => {
    for (let row = from; row < until; row += 1) playRow(row);
  };
  for (let from = 0; from < table.length; from += rowsAtOnce) {
    const until = Math.min(from + rowsAtOnce, table.length);
    // Around many calls of the module at once, as only the outermost costs something.
    callModule(() => playRows(from, until));
    await onProgress?.(until / table.length);
  }
  return {
    curves,
    incidents: [...incidents.values()].sort((a, b) => a.openedAtMs - b.openedAtMs),
  };
}

function chooseCurves(
  series: readonly SeriesSummary[],
  recorder: CurveRecorder,
): readonly SeriesCurve[] {
  const order = series
    .map((one, column) => ({ ...one, column }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => Math.sign(b.anomalies) - Math.sign(a.anomalies) || a.column - b.column);
  return order.slice(0, curvesMax).map(({ signal, component, column }) => {
    return { signal, component, ...recorder.curve(column) };
  });
}
