import { parentPort } from 'node:worker_threads';
import { FiredrillError } from '../core/tools/index.ts';
import { runTrial, summariseTrial, type TrialRequest, type TrialResult } from './trial.ts';

/** What a worker answers: the same trial's result, or its error as text. */
export type WorkerAnswer =
  | { readonly ok: true; readonly result: TrialResult }
  | { readonly ok: false; readonly message: string; readonly exitCode: number };

parentPort?.on('message', async (request: TrialRequest) => {
  let answer: WorkerAnswer;
  try {
    // Wall-clock figures of trials that share cores mean nothing, so a batch reports none.
    answer = { ok: true, result: summariseTrial(await runTrial(request, { clockMs: () => 0 })) };
  } catch (error) {
    const known = error instanceof FiredrillError;
    const message = known ? error.message : String((error as Error).stack);
    answer = { ok: false, message, exitCode: known ? error.exitCode : 3 };
  }
  parentPort?.postMessage(answer);
});
