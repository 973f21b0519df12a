import { FiredrillError } from '../core/tools/index.ts';
import { isVoid, type PlayedTrial, runTrials, type TrialRequest } from '../lab/index.ts';
import { Progress } from './progress.ts';
import type { TrialJournal } from './trial-journal.ts';

/** Results in the order of the requests; what the journal has is not played again. */
export async function playTrials(
  requests: readonly TrialRequest[],
  { jobs, journal, signal }: { jobs: number; journal: TrialJournal; signal: AbortSignal },
): Promise<PlayedTrial[]> {
  const results = requests.map((request) => journal.find(request));
  const open = requests.filter((_, index) => !results[index]);
  const total = requests.length;
  let done = total - open.length;
  const progress = new Progress(`${total} trials`, done / total);
  try {
    const fresh = await runTrials(open, {
      jobs,
      signal,
      onDone: (result, index) => {
        journal.append(open[index] as TrialRequest, result);
        done += 1;
        progress.update(done / total, `${result.scenario} ${result.seed}`);
      },
    });
    const rest = fresh.values();
    const all = results.map((result) => result ?? (rest.next().value as PlayedTrial));
    warnAboutVoids(all);
    return all;
  } finally {
    progress.done();
  }
}

/** Says on stderr which trials are left out: nothing was injected in them. */
function warnAboutVoids(trials: readonly PlayedTrial[]): void {
  const voids = new Set(
    trials.filter(isVoid).map((one) => `${one.scenario} ${one.seed}: ${one.voidBecause}`),
  );
  for (const line of voids) process.stderr.write(`left out: ${line}\n`);
}

/** Says on stderr how much of a batch was played before it was stopped. */
export function announceResumption(
  requests: readonly TrialRequest[],
  journal: TrialJournal,
  what: string,
): void {
  const done = countDone(requests, journal);
  if (done === 0) return;
  process.stderr.write(
    `going on with ${what} that was stopped: ${done} of ${requests.length} trials are in ${journal.file}\n`,
  );
}

/** The error of a batch that was stopped. */
export function interruptedBatch(
  requests: readonly TrialRequest[],
  journal: TrialJournal,
): FiredrillError {
  const done = countDone(requests, journal);
  const message = `interrupted; ${done} of ${requests.length} trials are kept in ${journal.file}`;
  const hint = 'the same command goes on from there';
  return new FiredrillError(message, { code: 'interrupted', exitCode: 130, hint });
}

function countDone(requests: readonly TrialRequest[], journal: TrialJournal): number {
  return requests.filter((request) => journal.find(request)).length;
}
