import type { Action } from '../core/observable/index.ts';
import {
  componentKind,
  componentName,
  deploymentTarget,
  nodesOfZone,
  zonesOf,
} from '../core/observable/index.ts';
import { demandOf, type GroundTruth, lostRequests, type RunRecord } from '../core/truth/index.ts';
import { Executor } from '../healers/index.ts';
import { createTwin, type Twin } from '../sim/index.ts';
import type { EpisodeOptions } from './episode-options.ts';
import { summariseSli } from './sli.ts';

/**
 * Plans are judged by what users lose in this long after onset; so are the healed and unhealed
 * runs.
 */
export const oracleHorizonMs = 600_000;
const depthMax = 3;
/** A further step must save at least this share of what is lost without any. */
const worthwhileShare = 0.02;

interface OracleInput {
  readonly options: EpisodeOptions;
  readonly truth: GroundTruth;
  readonly sli: RunRecord['sli'];
}

/**
 * The best plan, found greedily up to three steps deep: every candidate action is played on a fork
 * of the faulty world one scrape after onset, the cheapest outcome is kept, and so on from there.
 * It knows the truth and acts at once, so no healer can be expected to do better by the same
 * actions.
 */
export async function findOracle({
  options,
  truth,
  sli,
}: OracleInput): Promise<NonNullable<RunRecord['oracle']>> {
  const onsetMs = truth.onsetMs as number;
  const { scenario, worldSeed: seed, faults, ambient } = options.episode;
  const { spec, topology } = options;
  const start = createTwin({ spec, topology, seed, startMs: -scenario.warmUpMs, telemetry: false });
  start.schedule([...ambient, ...faults]);
  await start.advance(Math.ceil(onsetMs / start.scrapeIntervalMs) * start.scrapeIntervalMs);
  const untilMs = Math.min(onsetMs + oracleHorizonMs, scenario.durationMs);
  const judge = async (plan: readonly Action[]): Promise<number> => {
    const twin = start.fork({ faults: 'keep', telemetry: false });
    await playPlan(twin, plan, options);
    await twin.advance(untilMs);
    const reached = summariseSli(twin.truth, 0, sli.noFault.stepMs);
    return lostRequests(reached, demandOf(sli), { fromMs: onsetMs, untilMs });
  };
  const candidates = candidateActions(options, truth);
  let plan: readonly Action[] = [];
  let lost = await judge(plan);
  const worthwhile = worthwhileShare * lost;
  for (let depth = 0; depth < depthMax; depth += 1) {
    let best: { plan: readonly Action[]; lost: number } | null = null;
    for (const group of candidates) {
      const tried = [...plan, ...group];
      const triedLost = await judge(tried);
      if (best === null || triedLost < best.lost) best = { plan: tried, lost: triedLost };
    }
    if (best === null || lost - best.lost <= worthwhile) break;
    ({ plan, lost } = best);
  }
  const words = plan.map((action) => `${action.kind} ${action.target}`).join(', then ');
  return { lostRequests: lost, plan: words || 'do nothing' };
}

async function playPlan(
  twin: Twin,
  plan: readonly Action[],
  { topology }: EpisodeOptions,
): Promise<void> {
  const executor = new Executor(twin.cluster, { nowMs: () => twin.nowMs, topology });
  for (const action of plan) await executor.execute(action);
}

/**
 * Every action on the root causes and on the services that felt them, grouped into single
 * decisions.
 */
function candidateActions({ topology }: EpisodeOptions, truth: GroundTruth): Action[][] {
  const services = new Set(
    [...truth.rootCauses, ...truth.affected.map((entry) => entry.component)]
      .filter((component) => componentKind(component) === 'service')
      .map(componentName),
  );
  const groups: Action[][] = [];
  for (const service of topology.services) {
    if (!services.has(service.name)) continue;
    const target = deploymentTarget(service);
    groups.push([{ kind: 'restart', target, parameters: {} }]);
    groups.push([{ kind: 'rollback', target, parameters: {} }]);
    groups.push([{ kind: 'scale_up', target, parameters: {} }]);
  }
  groups.push(
    topology.services
      .filter((service) => services.has(service.name) && service.kind === 'service')
      .map((service) => ({
        kind: 'scale_up' as const,
        target: deploymentTarget(service),
        parameters: {},
      })),
  );
  for (const zone of zonesOf(topology)) {
    groups.push(
      nodesOfZone(topology, zone).map((node) => ({
        kind: 'drain' as const,
        target: `node/${node}`,
        parameters: {},
      })),
    );
  }
  return groups.filter((group) => group.length > 0);
}
