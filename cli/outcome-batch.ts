import { join } from 'node:path';
import type { TrialOutcome } from '../core/truth/index.ts';
import { isVoid, outcomeOf, type TrialRequest, type VoidTrial } from '../lab/index.ts';
import { interruptibly } from './interruption.ts';
import { announceResumption, interruptedBatch, playTrials } from './play-trials.ts';
import { prepareOut } from './run-folder.ts';
import { TrialJournal } from './trial-journal.ts';
import { warnAboutInputs } from './warnings.ts';

export interface PlayedOutcomes {
  readonly outcomes: readonly TrialOutcome[];
  /** Trials that never began. */
  readonly voids: readonly VoidTrial[];
}

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

  /** In the order of the requests. */
  async play(requests: readonly TrialRequest[]): Promise<PlayedOutcomes> {
    if (requests.length === 0) return { outcomes: [], voids: [] };
    this.#warn(requests);
    announceResumption(requests, this.#journal, 'a run');
    const results = await interruptibly(
      (signal) => playTrials(requests, { jobs: this.#jobs, journal: this.#journal, signal }),
      () => interruptedBatch(requests, this.#journal),
    );
    const outcomes: TrialOutcome[] = [];
    const voids: VoidTrial[] = [];
    for (const [i, result] of results.entries()) {
      // A scenario of the user's own is named by its file here, and by its id in the result.
      const { scenario } = requests[i] as TrialRequest;
      if (isVoid(result)) voids.push({ ...result, scenario });
      else outcomes.push({ ...outcomeOf(result), scenario });
    }
    return { outcomes, voids };
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
