import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Detector } from '../../core/observable/index.ts';
import { describeValue, FiredrillError, InputError } from '../../core/tools/index.ts';
import { createDetector, detectorNames, type PointDetector } from '../../detectors/index.ts';
import { hashDetectorFile, isDetectorFile } from './detector-file.ts';
import { DetectorFileError } from './detector-file-error.ts';
import { GuardedDetector, type ModuleCall } from './guarded-detector.ts';
import { PointsOfFrames } from './points-of-frames.ts';

/** What a module of the user's own may export; one of the first two it must. */
interface DetectorModule {
  readonly createDetector?: unknown;
  readonly default?: unknown;
  /** The univariate form, for benchmarks of single series. */
  readonly createPointDetector?: unknown;
}

type Maker = (name: string, options: { readonly seed: number }) => unknown;

const hint = 'export function createDetector(name, { seed }): Detector; see docs/add-a-detector.md';

/**
 * The detector of a name, or that of a module of the user's own: a path to a file that exports
 * `createDetector(name, { seed })`, or has such a function as its default export. What a module
 * does wrong is an InputError with the place in the file. `callModule` makes every call of it.
 */
export async function loadDetector(
  detector: string,
  { seed, callModule = callDirectly }: { readonly seed: number; readonly callModule?: ModuleCall },
): Promise<Detector> {
  if (!isDetectorFile(detector)) return createDetector(detector, { seed });
  return makeFrameDetector(detector, await importModule(detector), { seed, callModule });
}

function callDirectly<Result>(call: () => Result): Result {
  return call();
}

/**
 * Makes univariate detectors of a file: its `createPointDetector({ seed })`, or where it has none,
 * its frame form on frames of one column.
 */
export async function loadPointDetector(file: string): Promise<(seed: number) => PointDetector> {
  const module = await importModule(file);
  const { createPointDetector: create } = module;
  if (create === undefined) {
    const callModule = callDirectly;
    return (seed) => new PointsOfFrames(makeFrameDetector(file, module, { seed, callModule }));
  }
  return (seed) => make<PointDetector>(file, 'createPointDetector', create, [{ seed }]);
}

function makeFrameDetector(
  file: string,
  module: DetectorModule,
  { seed, callModule }: { readonly seed: number; readonly callModule: ModuleCall },
): Detector {
  const { createDetector: create = module.default } = module;
  if (create === undefined) {
    const names = Object.keys(module).join(', ') || 'none';
    throw new InputError(`${file}: expected an export createDetector, got ${names}`, { hint });
  }
  const name = detectorName(file);
  const made = callModule(() => make<Detector>(file, 'createDetector', create, [name, { seed }]));
  return new GuardedDetector(made, file, callModule);
}

async function importModule(file: string): Promise<DetectorModule> {
  // Reading it first tells a file that is not there from one that it imports.
  hashDetectorFile(file);
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(resolve(file)).href)) as DetectorModule;
  } catch (error) {
    throw new DetectorFileError(file, 'loading it', error);
  }
}

/** Calls a maker and looks at what it made. */
function make<Made>(
  file: string,
  what: string,
  create: unknown,
  args: Parameters<Maker> | readonly [{ readonly seed: number }],
): Made {
  if (typeof create !== 'function') {
    throw new InputError(`${file}: expected ${what} to be a function, got ${typeof create}`, {
      hint,
    });
  }
  let made: unknown;
  try {
    made = create(...args);
  } catch (error) {
    if (error instanceof FiredrillError) throw error;
    throw new DetectorFileError(file, what, error);
  }
  const found = made as Readonly<Record<string, unknown>> | null | undefined;
  for (const part of ['threshold', 'score', 'learn']) {
    const type = part === 'threshold' ? 'number' : 'function';
    const value = found?.[part];
    if (typeof value === type && !Number.isNaN(value)) continue;
    throw new InputError(
      `${file}: ${what}: expected a detector with ${part} (a ${type}), got ${describeValue(value)}`,
      { hint },
    );
  }
  return made as Made;
}

/**
 * The name of the file, without folders and ending; one that would read like a detector of ours
 * keeps its ending.
 */
export function detectorName(detector: string): string {
  const file = detector.split(/[/\\]/).at(-1) as string;
  const name = file.replace(/\.[cm]?[jt]s$/, '');
  return isDetectorFile(detector) && detectorNames.includes(name) ? file : name;
}
