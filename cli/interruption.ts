import { createContext, Script } from 'node:vm';
import { InterruptedError } from '../lab/index.ts';

/** Npm passes a Ctrl-C on that the terminal has already sent: two this close are one. */
const sameSignalMs = 250;

/**
 * Runs work that Ctrl-C (or SIGTERM) can stop: the first one aborts the signal, and the work ends
 * with an {@link InterruptedError}, or with `reason`'s; a second one ends the process at once.
 */
export async function interruptibly<T>(
  work: (signal: AbortSignal) => Promise<T>,
  reason: () => Error = () => new InterruptedError(),
): Promise<T> {
  const stop = new AbortController();
  let stoppedMs = 0;
  const onSignal = (): void => {
    const nowMs = performance.now();
    if (!stop.signal.aborted) {
      stoppedMs = nowMs;
      stop.abort();
    } else if (nowMs - stoppedMs > sameSignalMs) {
      process.exit(130);
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await work(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? reason() : error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** Lets signals and timers in; virtual time knows nothing of them. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const nothing = (): void => {};
const trampoline = createContext({ call: nothing });
const jump = new Script('call()');

/**
 * Makes a call that Ctrl-C ends even if it never returns: a thread that is busy hears no signals,
 * so the engine is told to watch for it. SIGTERM does not break it, and is heard once it has
 * returned. Costs a third of a millisecond, and nothing inside another such call, which breaks as a
 * whole.
 */
export function breakable<Result>(call: () => Result): Result {
  if (trampoline.call !== nothing) return call();
  trampoline.call = call;
  try {
    return jump.runInContext(trampoline, { breakOnSigint: true, displayErrors: false }) as Result;
  } catch (error) {
    const code = (error as { readonly code?: unknown } | null)?.code;
    throw code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' ? new InterruptedError() : error;
  } finally {
    trampoline.call = nothing;
  }
}
