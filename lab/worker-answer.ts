import { MessageChannel, parentPort } from 'node:worker_threads';
import { type ExitCode, FiredrillError } from '../core/tools/index.ts';

/** What a worker answers: the result, or its error in parts that can be sent. */
export type WorkerAnswer<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: SentError };

export interface SentError {
  readonly message: string;
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

/** Makes this thread answer every request with what `work` returns or throws. */
export function answerRequests<Request, Result>(work: (request: Request) => Promise<Result>): void {
  parentPort?.on('message', async (request: Request) => {
    let answer: WorkerAnswer<Result>;
    try {
      answer = { ok: true, result: await work(request) };
      await nextTurn();
    } catch (error) {
      answer = { ok: false, error: toSentError(error) };
    }
    parentPort?.postMessage(answer);
  });
}

/**
 * A turn of the event loop. What the work left to fail with nobody to catch it does so now, and
 * ends the thread, instead of after the answer, when it may be heard or not.
 */
function nextTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port2.once('message', () => {
      port2.close();
      resolve();
    });
    port1.postMessage(null);
  });
}

function toSentError(error: unknown): SentError {
  if (error instanceof FiredrillError) {
    const { message, code, exitCode, hint, stack } = error;
    return { message, code, exitCode, hint, stack };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { message, code: 'invariant', exitCode: 3, hint: undefined, stack };
}
