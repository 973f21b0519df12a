import type { Detector, FrameScores, MetricsFrame } from '../../core/observable/index.ts';
import { FiredrillError, InputError } from '../../core/tools/index.ts';
import { DetectorFileError } from './detector-file-error.ts';
import { FrozenFrames } from './frozen-frames.ts';

/** One frame in so many is scored twice, to see that scoring leaves no trace. */
const askTwiceEvery = 32;
const hint = 'see docs/add-a-detector.md; npm run validate -- --detector FILE checks all of it';
/** Makes a call that runs a module of the user's own; whoever makes it may break it off. */
export type ModuleCall = <Result>(call: () => Result) => Result;

const parts = ['scores', 'expected', 'zScores'] as const;

/**
 * A detector that the package does not know: whatever it does wrong becomes an error that names its
 * file. Costs two passes over the values of a frame.
 */
export class GuardedDetector implements Detector {
  readonly name: string;
  readonly threshold: number;
  readonly #detector: Detector;
  readonly #file: string;
  readonly #callModule: ModuleCall;
  readonly save?: () => Uint8Array;
  readonly restore?: (bytes: Uint8Array) => void;
  readonly #frozen = new FrozenFrames();
  #before = new Float64Array(0);
  #frames = 0;

  constructor(detector: Detector, file: string, callModule: ModuleCall) {
    this.name = String(detector.name ?? file);
    this.threshold = detector.threshold;
    this.#detector = detector;
    this.#file = file;
    this.#callModule = callModule;
    const { save, restore } = detector;
    if (save && restore) {
      this.save = () => this.#checkBytes(this.#tell('save', () => save.call(detector)));
      this.restore = (bytes) => this.#tell('restore', () => restore.call(detector, bytes));
    }
  }

  score(frame: MetricsFrame): FrameScores {
    const found = this.#ask('score', frame, (given) => this.#detector.score(given));
    this.#checkShape(found, frame);
    this.#frames += 1;
    if (this.#frames % askTwiceEvery !== 0) return found;
    const first = found.scores.slice();
    const again = this.#ask('score', frame, (given) => this.#detector.score(given));
    this.#checkShape(again, frame);
    const column = first.findIndex((score, i) => !Object.is(score, again.scores[i]));
    if (column < 0) return again;
    throw this.#wrong(
      `score gave ${first[column]} and then ${again.scores[column]} for one value`,
      frame,
      'score must not change what the detector knows; learn is called with the same frame later',
    );
  }

  learn(frame: MetricsFrame): void {
    this.#ask('learn', frame, (given) => this.#detector.learn(given));
  }

  #ask<Result>(what: string, frame: MetricsFrame, call: (given: MetricsFrame) => Result): Result {
    const { values } = frame;
    if (this.#before.length !== values.length) this.#before = values.slice();
    else this.#before.set(values);
    const given = this.#frozen.copyOf(frame);
    const result = this.#tell(`${what} at ${frame.atMs} ms`, () => call(given));
    for (let i = 0; i < values.length; i += 1) {
      if (!Object.is(values[i], this.#before[i])) {
        throw this.#wrong(`${what} changed value ${i} of the frame`, frame, hint);
      }
    }
    return result;
  }

  /** Calls the module; what it throws is told with its file. */
  #tell<Result>(what: string, call: () => Result): Result {
    try {
      return this.#callModule(call);
    } catch (error) {
      if (error instanceof FiredrillError) throw error;
      throw new DetectorFileError(this.#file, what, error);
    }
  }

  #checkBytes(bytes: unknown): Uint8Array {
    if (bytes instanceof Uint8Array) return bytes;
    throw new InputError(`${this.#file}: save: expected a Uint8Array, got ${kindOf(bytes)}`, {
      hint,
    });
  }

  #checkShape(found: FrameScores, frame: MetricsFrame): void {
    for (const part of parts) {
      const array: unknown = found?.[part];
      const expected = `${part} as a Float64Array of ${frame.values.length}`;
      if (!(array instanceof Float64Array)) {
        throw this.#wrong(`score: expected ${expected}, got ${kindOf(array)}`, frame, hint);
      }
      if (array.length !== frame.values.length) {
        throw this.#wrong(`score: expected ${expected}, got ${array.length} entries`, frame, hint);
      }
    }
  }

  #wrong(message: string, { atMs }: MetricsFrame, next: string): InputError {
    return new InputError(`${this.#file}: ${message} (frame at ${atMs} ms)`, { hint: next });
  }
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : String(value);
}
