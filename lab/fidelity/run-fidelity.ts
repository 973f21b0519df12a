import { compareSet, type SetReport } from './compare.ts';
import { type HealthyRun, observeLike, playHealthy } from './generate.ts';
import { loadRecordings } from './recordings.ts';
import type { RecordedSet, Window } from './window.ts';

/** Development seeds: what is tuned against these figures must not quote its own training data. */
const runs: readonly HealthyRun[] = [
  { topology: 'online_boutique', seed: 7 },
  { topology: 'train_ticket', seed: 7 },
];

/** Generated series held against recorded ones. */
export interface FidelityReport {
  readonly runs: readonly HealthyRun[];
  readonly sets: readonly SetReport[];
}

/**
 * Plays healthy runs under the load of each set of recordings (or of those named), observes them as
 * the set was, and compares. Deterministic; some two minutes for all sets, nearly all of it playing.
 */
export async function runFidelity(
  dataDir: string,
  options: {
    readonly sets?: readonly string[];
    readonly onProgress?: (share: number, label: string) => void;
  } = {},
): Promise<FidelityReport> {
  const recordings = loadRecordings(dataDir);
  const wanted = recordings.filter(({ name }) => options.sets?.includes(name) ?? true);
  // Sets under the same load share their runs.
  const byLoad = Map.groupBy(wanted, ({ load, runMs }) => `${JSON.stringify(load)} ${runMs}`);
  const batches = [...byLoad.values()];
  const totalMs = batches.reduce((sum, [first]) => sum + runs.length * (first?.runMs ?? 0), 0);
  const sets: SetReport[] = [];
  let doneMs = 0;
  for (const batch of batches) {
    const [first] = batch as [RecordedSet];
    const windows = batch.map((): Window[] => []);
    for (const run of runs) {
      const series = await playHealthy(run, first, (share) => {
        const label = `${run.topology} as ${batch.map(({ name }) => name).join(' and ')}`;
        options.onProgress?.((doneMs + share * first.runMs) / totalMs, label);
      });
      for (const [i, set] of batch.entries()) windows[i]?.push(...observeLike(set, series));
      doneMs += first.runMs;
    }
    batch.forEach((set, i) => {
      sets.push(compareSet(set, windows[i] as Window[], recordings));
    });
  }
  return { runs, sets };
}
