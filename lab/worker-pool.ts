import { Worker } from 'node:worker_threads';
import { FiredrillError, InvariantError } from '../core/tools/index.ts';
import { blameDetectorFile } from './custom-detector/detector-file-error.ts';
import { GroupedQueue } from './grouped-queue.ts';
import type { PlayedTrial, TrialRequest } from './trial.ts';
import type { SentError, WorkerAnswer } from './worker-answer.ts';

type TrialPoolOptions = Omit<PoolOptions, 'blame'>;

interface PoolOptions {
  readonly jobs: number;
  readonly signal?: AbortSignal;
  /** What to say of an error that ended a worker and that none of its work threw. */
  readonly blame?: (error: unknown) => unknown;
}

/** Told of every piece of work when it is done, with its place among the requests. */
type OnDone<Result> = (result: Result, index: number) => void;

/** Plays trials in a pool of their own; see {@link TrialPool.play}. */
export async function runTrials(
  requests: readonly TrialRequest[],
  options: TrialPoolOptions & { readonly onDone?: OnDone<PlayedTrial> },
): Promise<PlayedTrial[]> {
  const pool = new TrialPool(options);
  try {
    return await pool.play(requests, options.onDone);
  } finally {
    await pool.close();
  }
}

/**
 * Up to `jobs` worker threads; they stay, with what they have measured, until the pool is closed.
 */
export class WorkerPool<
  Request extends { readonly scenario: string; readonly seed: number },
  Result,
> {
  readonly #script: URL;
  readonly #jobs: number;
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  readonly #blame: (error: unknown) => unknown;
  readonly #workers: Worker[] = [];

  /** `script` answers requests with results; see `worker-answer.ts`. */
  constructor(script: URL, { jobs, signal, blame = (error) => error }: PoolOptions) {
    this.#script = script;
    this.#jobs = jobs;
    this.#blame = blame;
    this.#signal = AbortSignal.any([this.#failure.signal, ...(signal ? [signal] : [])]);
  }

  /**
   * Results come back in the order of the requests, so that what is made of them does not depend on
   * the number of workers. The first error is thrown, or the signal's reason, without waiting for
   * the work that is still being done; the pool can only be closed then. Requests of one group go
   * to one worker as long as there are other groups for the others.
   */
  async play(
    requests: readonly Request[],
    onDone?: OnDone<Result>,
    groupOf: (request: Request) => string = () => '',
  ): Promise<Result[]> {
    const results = new Array<Result>(requests.length);
    const waiting = new GroupedQueue(requests.map(groupOf));
    const work = async (_: unknown, lane: number): Promise<void> => {
      try {
        for (let index = waiting.next(lane); index !== null; index = waiting.next(lane)) {
          const request = requests[index] as Request;
          const result = await ask<Request, Result>(this.#worker(lane), request, this.#signal);
          results[index] = result;
          onDone?.(result, index);
        }
      } catch (error) {
        this.#failure.abort(error);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#jobs, requests.length) }, work));
    this.#signal.throwIfAborted();
    return results;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #worker(lane: number): Worker {
    const known = this.#workers[lane];
    if (known) return known;
    const worker = new Worker(this.#script);
    // Also while it has nothing to do, which is when what was left running may come to its end.
    worker.on('error', (error) => this.#failure.abort(this.#blame(error)));
    this.#workers[lane] = worker;
    return worker;
  }
}

/** Workers that play trials; what a detector's file leaves to fail is blamed on it. */
export class TrialPool extends WorkerPool<TrialRequest, PlayedTrial> {
  /** Of what is being played. */
  readonly #detectors: Set<string>;

  constructor(options: TrialPoolOptions) {
    const detectors = new Set<string>();
    const blame = (error: unknown): unknown => blameDetectorFile(error, detectors);
    super(new URL('./worker.ts', import.meta.url), { ...options, blame });
    this.#detectors = detectors;
  }

  override play(
    requests: readonly TrialRequest[],
    onDone?: OnDone<PlayedTrial>,
    groupOf?: (request: TrialRequest) => string,
  ): Promise<PlayedTrial[]> {
    this.#detectors.clear();
    for (const { detector } of requests) this.#detectors.add(detector);
    return super.play(requests, onDone, groupOf);
  }
}

function ask<Request extends { readonly scenario: string; readonly seed: number }, Result>(
  worker: Worker,
  request: Request,
  signal: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', onMessage).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
    };
    const onMessage = (answer: WorkerAnswer<Result>): void => {
      settle();
      if (answer.ok) resolve(answer.result);
      else reject(workError(request, answer.error));
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const onExit = (code: number): void =>
      fail(new InvariantError(`a worker ended with code ${code} at its work`));
    const onAbort = (): void => fail(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    worker.on('message', onMessage).on('exit', onExit);
    worker.postMessage(request);
  });
}

/** The worker's error on this side of the wall; the place in a file stays in front of it. */
function workError(
  request: { readonly scenario: string; readonly seed: number },
  { message, stack, ...others }: SentError,
): Error {
  const error = new FiredrillError(
    `${message} (${request.scenario}, seed ${request.seed})`,
    others,
  );
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
  return error;
}
