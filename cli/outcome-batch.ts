import { join } from 'node:path';
import type { TrialOutcome } from '../core/truth/index.ts';
import { isVoid, outcomeOf, type TrialRequest } from '../lab/index.ts';
import { interruptibly } from './interruption.ts';
import { announceResumption, interruptedBatch, playTrials } from './play-trials.ts';
import { prepareOut } from './run-folder.ts';
import { TrialJournal } from './trial-journal.ts';
import { warnAboutInputs } from './warnings.ts';

/** Trials that are played in portions, of which a killed process loses none that were finished. */
export class OutcomeBatch {
  readonly #jobs: number;
  readonly #journal: TrialJournal;
  readonly #warned = new Set<string>();

  /** `key` tells the batch from others in the same folder. */
  constructor({ out, jobs }: { readonly out: string; readonly jobs: number }, key: string) {
    prepareOut(out);
    this.#jobs = jobs;
    this.#journal = new TrialJournal(join(out, `regression-${key.slice(0, 12)}.journal.jsonl`));
  }

  /** Outcomes in the order of the requests, without trials that never began. */
  async play(requests: readonly TrialRequest[]): Promise<TrialOutcome[]> {
    if (requests.length === 0) return [];
    this.#warn(requests);
    announceResumption(requests, this.#journal, 'a run');
    const results = await interruptibly(
      (signal) => playTrials(requests, { jobs: this.#jobs, journal: this.#journal, signal }),
      () => interruptedBatch(requests, this.#journal),
    );
    return results.flatMap((result, i) => {
      // A scenario of the user's own is named by its file here, and by its id in the result.
      const { scenario } = requests[i] as TrialRequest;
      return isVoid(result) ? [] : [{ ...outcomeOf(result), scenario }];
    });
  }

  /** All of it is where it belongs: nothing needs to be kept. */
  done(): void {
    this.#journal.remove();
  }

  #warn(requests: readonly TrialRequest[]): void {
    const fresh = [...new Set(requests.map(({ scenario }) => scenario))].filter(
      (scenario) => !this.#warned.has(scenario),
    );
    if (fresh.length > 0) warnAboutInputs(requests[0] as TrialRequest, fresh);
    for (const scenario of fresh) this.#warned.add(scenario);
  }
}
