import type { ComponentId, Evidence } from '../core/observable/index.ts';
import { ramp } from './ramp.ts';
import { type Shift, type ShiftReader, shiftOf } from './shifts.ts';
import type { Windows } from './windows.ts';

/** How far user demand rose: of one journey (`user/<journey>`) or of all (`user/*`). */
export interface LoadSurge {
  readonly component: ComponentId;
  /** 0 to 1. */
  readonly value: number;
  /** Demand now over demand before; further attempts of failed requests taken out. */
  readonly factor: number;
}

interface JourneyDemand {
  readonly component: ComponentId;
  readonly column: number;
  readonly shift: Shift;
  readonly factor: number;
}

/**
 * Demand of users against its baseline. `user/*` is the total, as far as most of it rose together;
 * a journey alone counts as far as the total does not explain it. Rates are divided by
 * (1 + error ratio), for each failure may be one more attempt. Fails for surges that build up over
 * more than the baseline window. Cost: O(journeys · frames).
 */
export function findLoadSurges(
  { metrics }: Evidence,
  windows: Windows,
  shifts: ShiftReader,
): readonly LoadSurge[] {
  const journeys: JourneyDemand[] = [];
  for (const column of metrics.columns({ signal: 'user_request_rate' })) {
    const shift = shifts.ofColumn(column);
    if (!shift || shift.baseline <= 0) continue;
    const { component } = metrics.series(column);
    const factor = shift.recent / (1 + errorRatioOf(component, shifts)) / shift.baseline;
    journeys.push({ component, column, shift, factor });
  }
  if (journeys.length === 0) return [];
  const all = surgeOfAll(journeys, totalOf(journeys, { metrics }, windows), shifts);
  const single = journeys.map(({ component, shift, factor }) => ({
    component,
    factor,
    value: strengthOf(factor, shift.zScore) * (1 - all.value),
  }));
  return [all, ...single];
}

function strengthOf(factor: number, zScore: number): number {
  return ramp(factor, 1.15, 1.6) * ramp(zScore, 3, 6);
}

function errorRatioOf(component: ComponentId, shifts: ShiftReader): number {
  return shifts.of('user_error_ratio', component)?.recent ?? 0;
}

function surgeOfAll(
  journeys: readonly JourneyDemand[],
  total: Shift | null,
  shifts: ShiftReader,
): LoadSurge {
  const component = 'user/*';
  if (!total || total.baseline <= 0) return { component, value: 0, factor: 1 };
  let usual = 0;
  let failing = 0;
  for (const { shift, component: journey } of journeys) {
    usual += shift.baseline;
    failing += shift.baseline * errorRatioOf(journey, shifts);
  }
  const factor = total.recent / (1 + failing / usual) / total.baseline;
  let risen = 0;
  for (const { shift, factor: own } of journeys) {
    if (own > 1 + 0.4 * (factor - 1)) risen += shift.baseline / usual;
  }
  return { component, factor, value: strengthOf(factor, total.zScore) * ramp(risen, 0.6, 0.9) };
}

function totalOf(
  journeys: readonly JourneyDemand[],
  { metrics }: Pick<Evidence, 'metrics'>,
  windows: Windows,
): Shift | null {
  const sum = (fromMs: number, untilMs: number): Float64Array => {
    const parts = journeys.map(({ column }) => metrics.values(column, fromMs, untilMs));
    const total = new Float64Array(parts[0]?.length ?? 0);
    for (const part of parts)
      for (let i = 0; i < total.length; i += 1) total[i] = (total[i] as number) + (part[i] ?? 0);
    return total;
  };
  return shiftOf('user_request_rate', {
    baseline: sum(windows.baselineFromMs, windows.baselineUntilMs),
    recent: withLastTwice(sum(windows.recentFromMs, windows.untilMs)),
  });
}

/**
 * A shift asks for two scrapes; the total of all users is steady enough to believe the latest
 * one.
 */
function withLastTwice(values: Float64Array): Float64Array {
  return Float64Array.from([...values, ...values.subarray(-1)]);
}
