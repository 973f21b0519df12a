import { parentPort } from 'node:worker_threads';
import { type ExitCode, FiredrillError } from '../core/tools/index.ts';
import { runTrial, summariseTrial, type TrialRequest, type TrialResult } from './trial.ts';

/** What a worker answers: the trial's result, or its error in parts that can be sent. */
export type WorkerAnswer =
  | { readonly ok: true; readonly result: TrialResult }
  | { readonly ok: false; readonly error: SentError };

export interface SentError {
  readonly message: string;
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

parentPort?.on('message', async (request: TrialRequest) => {
  let answer: WorkerAnswer;
  try {
    // Wall-clock figures of trials that share cores mean nothing, so a batch reports none.
    answer = { ok: true, result: summariseTrial(await runTrial(request, { clockMs: () => 0 })) };
  } catch (error) {
    answer = { ok: false, error: toSentError(error) };
  }
  parentPort?.postMessage(answer);
});

function toSentError(error: unknown): SentError {
  if (error instanceof FiredrillError) {
    const { message, code, exitCode, hint, stack } = error;
    return { message, code, exitCode, hint, stack };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { message, code: 'invariant', exitCode: 3, hint: undefined, stack };
}
