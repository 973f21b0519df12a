import type { Evidence } from '../core/observable/index.ts';
import { ramp } from './ramp.ts';

/** Signs of memory trouble in the pods of one service. */
export interface MemoryTrouble {
  /** 0 to 1: how much and how straight the working set climbs. */
  readonly growth: number;
  /** Highest growth of one pod over its limit, as share of the limit. */
  readonly grownBy: number;
  /** Restarts of its containers in the last ten minutes. */
  readonly restarts: number;
  /** Whether a container of it ended as OOMKilled and restarts were seen. */
  readonly outOfMemory: boolean;
}

const lookBackMs = 40 * 60_000;
const restartsBackMs = 10 * 60_000;
const segmentFramesMin = 5;

/**
 * Memory growth per service: the straightest climb of `memory_utilization` since each pod's last
 * restart (growth times r² of a line), averaged over the pods of a release, the worst release
 * counting; plus restarts and OOM kills. Fails for leaks slower than five points of the limit in
 * forty minutes, and takes caches that fill up for leaks. Cost: O(pods · frames).
 */
export function findMemoryTrouble(evidence: Evidence): ReadonlyMap<string, MemoryTrouble> {
  const { metrics, atMs } = evidence;
  const byRelease = new Map<string, { service: string; growths: number[]; grownBy: number }>();
  for (const column of metrics.columns({ signal: 'memory_utilization' })) {
    const { service, release } = metrics.series(column).labels;
    if (service === undefined) continue;
    const climb = straightestClimb(metrics.values(column, atMs - lookBackMs, atMs));
    if (climb === null) continue;
    const key = `${service}@${release ?? ''}`;
    const known = byRelease.get(key) ?? { service, growths: [], grownBy: 0 };
    known.growths.push(climb.strength);
    known.grownBy = Math.max(known.grownBy, climb.grownBy);
    byRelease.set(key, known);
  }
  const troubles = new Map<string, MemoryTrouble>();
  for (const { service, growths, grownBy } of byRelease.values()) {
    const growth = growths.reduce((sum, value) => sum + value, 0) / growths.length;
    const known = troubles.get(service);
    if (known && known.growth >= growth) continue;
    troubles.set(service, { growth, grownBy, restarts: 0, outOfMemory: false });
  }
  return addRestarts(troubles, evidence);
}

function addRestarts(
  troubles: Map<string, MemoryTrouble>,
  { metrics, pods, atMs }: Evidence,
): ReadonlyMap<string, MemoryTrouble> {
  const killed = new Set<string>();
  for (const { service, lastTerminationReason } of pods) {
    if (lastTerminationReason === 'OOMKilled') killed.add(service);
  }
  for (const column of metrics.columns({ signal: 'container_restarts_total' })) {
    const { service } = metrics.series(column).labels;
    if (service === undefined) continue;
    const restarts = increaseOf(metrics.values(column, atMs - restartsBackMs, atMs));
    if (restarts === 0) continue;
    const known = troubles.get(service) ?? {
      growth: 0,
      grownBy: 0,
      restarts: 0,
      outOfMemory: false,
    };
    troubles.set(service, {
      ...known,
      restarts: known.restarts + restarts,
      outOfMemory: killed.has(service),
    });
  }
  return troubles;
}

function increaseOf(values: Float64Array): number {
  const kept = values.filter((value) => !Number.isNaN(value));
  return kept.length < 2 ? 0 : Math.max(0, (kept.at(-1) as number) - (kept[0] as number));
}

interface Climb {
  readonly strength: number;
  readonly grownBy: number;
}

function straightestClimb(values: Float64Array): Climb | null {
  const kept = values.filter((value) => !Number.isNaN(value));
  if (kept.length < segmentFramesMin) return null;
  let best: Climb = { strength: 0, grownBy: 0 };
  let from = 0;
  for (let i = 1; i <= kept.length; i += 1) {
    // A sharp fall is a restart; a segment ends there.
    const isEnd = i === kept.length || (kept[i] as number) < (kept[i - 1] as number) - 0.1;
    if (!isEnd) continue;
    const climb = climbOf(kept.subarray(from, i));
    if (climb.strength > best.strength) best = climb;
    from = i;
  }
  return best;
}

/** The steepest line through the segment's end: over all of it, or over its last third or tenth. */
function climbOf(segment: Float64Array): Climb {
  let best: Climb = { strength: 0, grownBy: 0 };
  for (const share of [1, 0.33, 0.1]) {
    const length = Math.max(segmentFramesMin, Math.round(segment.length * share));
    if (length > segment.length) continue;
    const { rise, rSquared } = fitLine(segment.subarray(segment.length - length));
    const strength = ramp(rise, 0.05, 0.2) * rSquared;
    if (strength > best.strength) best = { strength, grownBy: rise };
  }
  return best;
}

/** Least squares over equal steps: the line's rise from first to last point, and r². */
function fitLine(values: Float64Array): { rise: number; rSquared: number } {
  const n = values.length;
  const middleX = (n - 1) / 2;
  let middleY = 0;
  for (let i = 0; i < n; i += 1) middleY += (values[i] as number) / n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i += 1) {
    const x = i - middleX;
    const y = (values[i] as number) - middleY;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  if (xx === 0 || yy === 0) return { rise: 0, rSquared: 0 };
  return { rise: (xy / xx) * (n - 1), rSquared: (xy * xy) / (xx * yy) };
}
