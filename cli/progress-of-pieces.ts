import { interruptibly } from './interruption.ts';
import { Progress } from './progress.ts';

/** Runs work in many pieces, with progress on stderr, until Ctrl-C. */
export function withProgress<Report>(
  pieces: string,
  total: number,
  work: (
    signal: AbortSignal,
    onDone: (piece: { readonly scenario: string; readonly seed: number }) => void,
  ) => Promise<Report>,
): Promise<Report> {
  const progress = new Progress(`${total} ${pieces}`);
  let done = 0;
  return interruptibly(async (signal) => {
    try {
      return await work(signal, ({ scenario, seed }) => {
        done += 1;
        progress.update(done / total, `${scenario} ${seed}`);
      });
    } finally {
      progress.done();
    }
  });
}
