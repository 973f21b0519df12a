import { formatDuration } from '../../core/tools/index.ts';
import {
  type Episode,
  goodRatio,
  type SliSeries,
  type TreatmentStep,
} from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { actionBudget, atMost, collateralTest, judgeActing } from '../score/score-resilience.ts';
import { lastingRecovery, summariseSli } from '../sli.ts';
import { findLosses } from './losses.ts';
import { type Deed, playTreatment } from './play-treatment.ts';
import type { Stage } from './stage.ts';

/** A cure comes at least this much sooner than what comes by itself. */
const soonerMs = 60_000;

/** Whether a treatment cured, and in one line why not. */
export interface TreatmentVerdict {
  readonly cured: boolean;
  /** Whether users were well for good, by whatever means and at whatever price. */
  readonly recovered: boolean;
  /** Why nothing of it came about; null when something did, or nothing was to be written. */
  readonly unplayed: string | null;
  readonly measured: string;
}

/**
 * Plays a treatment on the faulty world and holds the outcome against criteria that know nothing of
 * scenarios: users are back in the band for good, sooner than by themselves; it held for two
 * minutes after the last action, within the action budget, without acting on bystanders and without
 * taking anything away that the no-fault world has. `undo`: the fault is undone first.
 */
export async function judgeTreatment(
  stage: Stage,
  steps: readonly TreatmentStep[],
  { undo, untilMs = stage.endMs }: { readonly undo: boolean; readonly untilMs?: number },
): Promise<TreatmentVerdict> {
  const { topology, endMs, truth, noFault } = stage;
  const twin = stage.acting.fork({ faults: 'keep', telemetry: false });
  if (undo) await twin.rollBack();
  const surroundings = { topology, noFault: noFault.cluster, untilMs };
  const { deeds, refusals } = await playTreatment(twin, steps, surroundings);
  const why = [...new Set(refusals)].join(', ');
  const refused = why === '' ? '' : `; refused: ${why}`;
  const unplayed = deeds.length === 0 && why !== '' ? why : null;
  const { recoveredMs, measured: notRecovered } = recoveryOf(stage, twin);
  const verdict = (cured: boolean, measured: string): TreatmentVerdict => {
    const recovered = recoveredMs !== null;
    return { cured, recovered, unplayed, measured: `${measured}${refused}` };
  };
  if (recoveredMs === null) return verdict(false, notRecovered);
  if (untilMs < endMs) return judgeTreatment(stage, steps, { undo });
  const aloneMs = undo ? null : truth.unhealedRecoveryMs;
  if (aloneMs !== null && recoveredMs > aloneMs - soonerMs) {
    return verdict(false, 'recovered no sooner than by itself');
  }
  const complaints = [
    ...complaintsOf(stage, deeds),
    ...(await findLosses(twin.cluster, noFault.cluster)).slice(0, 3),
  ];
  const seconds = formatDuration(recoveredMs - (truth.onsetMs ?? 0));
  const measured = [`recovered ${seconds} after onset`, ...complaints].join(', ');
  return verdict(complaints.length === 0, measured);
}

/** The general criteria of acting that were missed. */
function complaintsOf(
  { truth, topology, endMs, episode }: Stage,
  deeds: readonly Deed[],
): string[] {
  const isCollateral = collateralTest({ truth, topology });
  const collateral = deeds.filter(
    ({ subjects }) => subjects.length > 0 && subjects.every(isCollateral),
  );
  const lastMs = deeds.at(-1)?.atMs;
  const quietMs = lastMs === undefined ? null : endMs - lastMs;
  return [
    ...judgeActing({ collateral: collateral.length, quietMs }),
    atMost('actions', budgetOf(episode), deeds.length),
  ]
    .filter(({ passed }) => !passed)
    .map(({ name, limit, value }) => `${name} ${value}, limit ${limit}`);
}

/** How many things may be done about an episode. */
export function budgetOf({ scenario }: Episode): number {
  return scenario.expect.actionsMax ?? actionBudget;
}

/** Cheats that have not helped after this long are not waited for. */
const patienceMs = 240_000;

/**
 * A cheat as {@link judgeTreatment} sees it, given up early where it does not even seem to help.
 */
export function judgeCheat(
  stage: Stage,
  steps: readonly TreatmentStep[],
  { undo }: { readonly undo: boolean },
): Promise<TreatmentVerdict> {
  const untilMs = Math.min(stage.endMs, stage.acting.nowMs + patienceMs);
  return judgeTreatment(stage, steps, { undo, untilMs });
}

function recoveryOf(
  { truth, sli, tolerances }: Stage,
  twin: Twin,
): { recoveredMs: number | null; measured: string } {
  const treated = summariseSli(twin.truth, 0, sli.noFault.stepMs);
  const recoveredMs = lastingRecovery({
    series: treated,
    noFault: sli.noFault,
    tolerance: tolerances.goodRatio,
    fromMs: truth.onsetMs ?? 0,
  });
  return { recoveredMs, measured: `not recovered, ${describeEnd(treated, sli.noFault)}` };
}

/** How the journey that is worst off stands at the end, e.g. `checkout 41 % good at the end`. */
export function describeEnd(series: SliSeries, noFault: SliSeries): string {
  const last = (series.good[0]?.length ?? 1) - 1;
  let worst = { name: '', gap: Number.NEGATIVE_INFINITY, ratio: 1 };
  series.journeys.forEach((name, j) => {
    const at = (rows: SliSeries['good']): number => rows[j]?.[last] ?? 0;
    const offered = at(noFault.offered);
    const ratio = goodRatio(at(series.good), Math.max(offered, at(series.offered)));
    const gap = goodRatio(at(noFault.good), offered) - ratio;
    if (gap > worst.gap) worst = { name, gap, ratio };
  });
  return `${worst.name} ${(100 * worst.ratio).toFixed(1)} % good at the end`;
}
