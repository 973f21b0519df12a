import type { Localizer, SignalName, Topology } from '../core/observable/index.ts';
import { rankSuspects } from './ranking.ts';
import { actionsForService } from './runbook.ts';
import { ShiftReader } from './shifts.ts';
import { windowsOf } from './windows.ts';

const symptoms: readonly SignalName[] = ['latency_ms_p95', 'error_ratio'];
const zScoreMin = 4;
/** The score at which a suspect is half certain. */
const halfScore = 40;

/**
 * Topology traversal: walk from the entry along calls to abnormal services; those without an
 * abnormal callee are the causes, scored by the anomaly along the best path. Needs a complete
 * call graph; fails for causes that are no service (zones, load), for several causes at once, and
 * for slow paths to a sound callee. Cost: O(V + E). After the traversal baseline of PetShop.
 */
export const dependencyTraversal: Localizer = {
  name: 'dependency_traversal',
  rank(evidence) {
    const { topology, metrics } = evidence;
    const shifts = new ShiftReader(metrics, windowsOf(evidence));
    const scores = new Map(topology.services.map(({ name }) => [name, anomalyOf(name, shifts)]));
    const best = bestPathScores(topology, scores);
    const suspects = [...best]
      .filter(([name]) => !hasAbnormalCallee(name, topology, scores))
      .map(([name, score]) => ({
        component: `service/${name}`,
        weight: score / (score + halfScore),
        faultClass: 'dependency_failure' as const,
        why: `abnormal (path score ${score.toFixed(1)}) while none of its callees is`,
        suggestedActions: actionsForService(topology, name, 'dependency_failure', false),
      }));
    return rankSuspects(suspects, 0);
  },
};

/** The stronger z-score of latency and errors; 0 below the threshold. */
function anomalyOf(service: string, shifts: ShiftReader): number {
  let strongest = 0;
  for (const signal of symptoms) {
    const zScore = shifts.of(signal, `service/${service}`)?.zScore ?? 0;
    if (zScore >= zScoreMin) strongest = Math.max(strongest, Math.min(zScore, 100));
  }
  return strongest;
}

/**
 * Per abnormal service the highest sum of scores over abnormal paths from the entry, mean per
 * hop.
 */
function bestPathScores(
  topology: Topology,
  scores: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  const visit = (service: string, sum: number, path: readonly string[]): void => {
    const score = scores.get(service) ?? 0;
    if (score === 0 || path.includes(service)) return;
    const total = sum + score;
    const hops = path.length + 1;
    if (total / hops > (best.get(service) ?? 0)) best.set(service, total / hops);
    for (const { from, to } of topology.calls) {
      if (from === service) visit(to, total, [...path, service]);
    }
  };
  visit(topology.entryService, 0, []);
  return best;
}

function hasAbnormalCallee(
  service: string,
  { calls }: Topology,
  scores: ReadonlyMap<string, number>,
): boolean {
  return calls.some(
    ({ from, to }) => from === service && to !== service && (scores.get(to) ?? 0) > 0,
  );
}
