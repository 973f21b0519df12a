import { Worker } from 'node:worker_threads';
import { FiredrillError, InvariantError } from '../core/tools/index.ts';
import type { TrialRequest, TrialResult } from './trial.ts';
import type { SentError, WorkerAnswer } from './worker.ts';

/**
 * Plays trials in `jobs` worker threads. Results come back in the order of the requests, so that
 * what is made of them does not depend on the number of workers. The first error, or the signal,
 * stops all workers at once; it throws that error, or the signal's reason, when none is left.
 */
export async function runTrials(
  requests: readonly TrialRequest[],
  options: {
    jobs: number;
    onDone?: (result: TrialResult, index: number) => void;
    signal?: AbortSignal;
  },
): Promise<TrialResult[]> {
  const results = new Array<TrialResult>(requests.length);
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
  const waiting = requests.entries();
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    try {
      for (let next = waiting.next(); !next.done; next = waiting.next()) {
        const [index, request] = next.value;
        const result = await ask(worker, request, signal);
        results[index] = result;
        options.onDone?.(result, index);
      }
    } catch (error) {
      failure.abort(error);
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, requests.length) }, work));
  signal.throwIfAborted();
  return results;
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
