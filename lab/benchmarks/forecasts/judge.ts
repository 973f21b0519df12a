import { warningHorizonMinutes } from '../../../detectors/index.ts';
import type { Contestant } from './contestants.ts';
import type { ResourceSeries } from './resource-series.ts';

/** How long before the end a warning must stand. */
export const leadMinutes = 10;

/** What became of one contestant's warnings about one series. */
export interface Verdict {
  readonly warnings: number;
  /** Warnings after which the resource ran out within the horizon. */
  readonly right: number;
  /** Of the right warnings with an interval, and those whose interval held the end. */
  readonly timed: number;
  readonly covered: number;
  /** Whether a warning stood ten minutes before the end; null when nothing ran out. */
  readonly foretold: boolean | null;
  /** Ran out sooner than ten minutes after its growth could be seen. */
  readonly isTooFast: boolean;
  /** Minutes from the first standing warning to the end; null without one. */
  readonly leadMinutes: number | null;
}

/**
 * A warning stands for the horizon; who still warns then warns anew. It is right when the resource
 * runs out while it stands, and in time when it stands ten minutes before the end.
 */
export function judge(contestant: Contestant, series: ResourceSeries): Verdict {
  const { values, loads, intervalMs, judgedFrom, exhaustedAt, visibleAt } = series;
  const forecaster = contestant.create();
  const minutesOf = (points: number): number => (points * intervalMs) / 60_000;
  const warnedAt: number[] = [];
  const verdict = { warnings: 0, right: 0, timed: 0, covered: 0 };
  values.forEach((value, at) => {
    const warns = forecaster.warns(value, at * intervalMs, loads?.[at] ?? Number.NaN);
    const newest = warnedAt.at(-1);
    if (!warns || at < judgedFrom) return;
    if (newest !== undefined && minutesOf(at - newest) < warningHorizonMinutes) return;
    // The last value is the end itself; nobody is warned by then.
    if (at === exhaustedAt) return;
    // Nobody knows whether those were right: what was seen ends before they do.
    if (exhaustedAt === null && minutesOf(values.length - at) < warningHorizonMinutes) return;
    warnedAt.push(at);
    verdict.warnings += 1;
    const leftMinutes = exhaustedAt === null ? Infinity : minutesOf(exhaustedAt - at);
    if (leftMinutes > warningHorizonMinutes) return;
    verdict.right += 1;
    if (forecaster.told === null) return;
    verdict.timed += 1;
    const { lowMinutes, highMinutes } = forecaster.told;
    if (leftMinutes >= lowMinutes && leftMinutes <= highMinutes) verdict.covered += 1;
  });
  if (exhaustedAt === null || visibleAt === null) {
    return { ...verdict, foretold: null, isTooFast: false, leadMinutes: null };
  }
  const leads = warnedAt.map((at) => minutesOf(exhaustedAt - at));
  const standing = leads.filter(
    (lead) => lead >= leadMinutes && lead <= leadMinutes + warningHorizonMinutes,
  );
  return {
    ...verdict,
    foretold: standing.length > 0,
    isTooFast: minutesOf(exhaustedAt - visibleAt) < leadMinutes,
    leadMinutes:
      standing[0] ?? leads.find((lead) => lead <= leadMinutes + warningHorizonMinutes) ?? null,
  };
}
