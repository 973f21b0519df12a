import { compareSet, type MadeWindows, type SetReport } from './compare.ts';
import { type HealthyRun, observeLike, playHealthy } from './generate.ts';
import { loadRecordings } from './recordings.ts';
import type { RecordedSet } from './window.ts';

/** Development seeds: what is tuned against these figures must not quote its own training data. */
const systems = [
  { topology: 'online_boutique', seed: 7 },
  { topology: 'train_ticket', seed: 7 },
] as const;
/** Sites that differ in nothing but chance and their mean rate. */
const doorTopology = 'online_boutique';
const doorCount = 10;

/** Generated series held against recorded ones. */
export interface FidelityReport {
  readonly systems: readonly { readonly topology: string; readonly seed: number }[];
  readonly doors: { readonly topology: string; readonly count: number };
  readonly sets: readonly SetReport[];
}

/**
 * Plays healthy runs under the load of each set of recordings (or of those named), observes them as
 * the set was, and compares. Deterministic; some ten minutes for all sets, nearly all of it
 * playing.
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
  const plans = planRuns(wanted);
  const totalMs = plans.reduce((sum, { run }) => sum + run.runMs, 0);
  const windows = new Map(wanted.map((set) => [set, { services: [], doors: [] } as MadeWindows]));
  let doneMs = 0;
  for (const { run, sets } of plans) {
    const series = await playHealthy(run, (share) => {
      const label = `${run.topology} as ${sets.map(({ name }) => name).join(' and ')}`;
      options.onProgress?.((doneMs + share * run.runMs) / totalMs, label);
    });
    for (const set of sets) {
      const { services, doors } = windows.get(set) as MadeWindows;
      (run.isDoorOnly ? doors : services).push(...observeLike(set, series));
    }
    doneMs += run.runMs;
  }
  return {
    systems,
    doors: { topology: doorTopology, count: doorCount },
    sets: wanted.map((set) => compareSet(set, windows.get(set) as MadeWindows, recordings)),
  };
}

interface PlannedRun {
  readonly run: HealthyRun;
  readonly sets: readonly RecordedSet[];
}

/** Sets under the same load share the runs of whole systems; every demand has its own doors. */
function planRuns(sets: readonly RecordedSet[]): PlannedRun[] {
  const byLoad = Map.groupBy(sets, ({ load, runMs }) => `${JSON.stringify(load)} ${runMs}`);
  const whole = [...byLoad.values()].flatMap((batch) => {
    const [{ load: workload, runMs }] = batch as [RecordedSet];
    return systems.map((system): PlannedRun => {
      return { run: { ...system, workload, isDoorOnly: false, runMs }, sets: batch };
    });
  });
  return [...whole, ...sets.flatMap(planDoors)];
}

function planDoors(set: RecordedSet): PlannedRun[] {
  const { demand, runMs } = set;
  if (!demand) return [];
  const [low, high] = demand.perSec;
  return Array.from({ length: doorCount }, (_, i) => {
    const requestsPerSec = low * Math.exp(((i + 0.5) / doorCount) * Math.log(high / low));
    // What happens anywhere in a whole system would all happen to one service.
    const workload = { ...demand.workload, requestsPerSec, happeningsPerHour: 0 };
    const run = { topology: doorTopology, seed: i + 1, workload, isDoorOnly: true, runMs };
    return { run, sets: [set] };
  });
}
