import { Worker } from 'node:worker_threads';
import { type ExitCode, FiredrillError, InvariantError } from '../core/tools/index.ts';
import type { TrialRequest, TrialResult } from './trial.ts';
import type { WorkerAnswer } from './worker.ts';

/**
 * Plays trials in `jobs` worker threads. Results come back in the order of the requests, so that
 * what is made of them does not depend on the number of workers.
 */
export async function runTrials(
  requests: readonly TrialRequest[],
  options: {
    jobs: number;
    onDone?: (done: number, result: TrialResult) => void;
    signal?: AbortSignal;
  },
): Promise<TrialResult[]> {
  const results = new Array<TrialResult>(requests.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    try {
      while (next < requests.length && !options.signal?.aborted) {
        const index = next;
        next += 1;
        const result = await ask(worker, requests[index] as TrialRequest);
        results[index] = result;
        done += 1;
        options.onDone?.(done, result);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, requests.length) }, work));
  return results;
}

function ask(worker: Worker, request: TrialRequest): Promise<TrialResult> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    const onMessage = (answer: WorkerAnswer): void => {
      settle();
      if (answer.ok) resolve(answer.result);
      else reject(trialError(request, answer));
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    const onExit = (code: number): void =>
      onError(new InvariantError(`a worker ended with code ${code} during a trial`));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });
}

function trialError(
  request: TrialRequest,
  answer: { message: string; exitCode: number },
): FiredrillError {
  return new FiredrillError(`${request.scenario}, seed ${request.seed}: ${answer.message}`, {
    code: 'trial',
    exitCode: answer.exitCode as ExitCode,
  });
}
