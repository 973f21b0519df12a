import { Worker } from 'node:worker_threads';
import { FiredrillError, InvariantError } from '../core/tools/index.ts';
import type { TrialRequest, TrialResult } from './trial.ts';
import type { SentError, WorkerAnswer } from './worker.ts';

interface PoolOptions {
  readonly jobs: number;
  readonly signal?: AbortSignal;
}

/** Told of every trial when it is done, with its place among the requests. */
type OnDone = (result: TrialResult, index: number) => void;

/** Plays trials in a pool of their own; see {@link TrialPool.play}. */
export async function runTrials(
  requests: readonly TrialRequest[],
  options: PoolOptions & { readonly onDone?: OnDone },
): Promise<TrialResult[]> {
  const pool = new TrialPool(options);
  try {
    return await pool.play(requests, options.onDone);
  } finally {
    await pool.close();
  }
}

/** Up to `jobs` worker threads; they stay, with what they have measured, until the pool is closed. */
export class TrialPool {
  readonly #jobs: number;
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  readonly #workers: Worker[] = [];

  constructor({ jobs, signal }: PoolOptions) {
    this.#jobs = jobs;
    this.#signal = AbortSignal.any([this.#failure.signal, ...(signal ? [signal] : [])]);
  }

  /**
   * Results come back in the order of the requests, so that what is made of them does not depend on
   * the number of workers. The first error is thrown, or the signal's reason, without waiting for the
   * trials that are still being played; the pool can only be closed then.
   */
  async play(requests: readonly TrialRequest[], onDone?: OnDone): Promise<TrialResult[]> {
    const results = new Array<TrialResult>(requests.length);
    const waiting = requests.entries();
    const work = async (_: unknown, lane: number): Promise<void> => {
      try {
        for (let next = waiting.next(); !next.done; next = waiting.next()) {
          const [index, request] = next.value;
          const result = await ask(this.#worker(lane), request, this.#signal);
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
    this.#workers[lane] ??= new Worker(new URL('./worker.ts', import.meta.url));
    return this.#workers[lane];
  }
}

function ask(worker: Worker, request: TrialRequest, signal: AbortSignal): Promise<TrialResult> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
    };
    const onMessage = (answer: WorkerAnswer): void => {
      settle();
      if (answer.ok) resolve(answer.result);
      else reject(trialError(request, answer.error));
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    const onExit = (code: number): void =>
      onError(new InvariantError(`a worker ended with code ${code} during a trial`));
    const onAbort = (): void => onError(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });
}

/** The worker's error on this side of the wall; the place in a file stays in front of it. */
function trialError(request: TrialRequest, { message, stack, ...others }: SentError): Error {
  const error = new FiredrillError(
    `${message} (${request.scenario}, seed ${request.seed})`,
    others,
  );
  if (stack !== undefined) error.stack = stack;
  return error;
}
