import { goodRatio } from '../core/truth/index.ts';
import type { Twin } from '../sim/index.ts';
import { SteadyStateError } from './episode-options.ts';
import { countRequests } from './sli.ts';

const observedTicks = 60;
const goodRatioMin = 0.9;

/** A pod may just be on its way: clusters replace one now and then. */
const missingMax = 1;
/** A service that nobody needs may be down for a while. */
const awayMax = 1;

/**
 * Throws a {@link SteadyStateError} unless users were served well over the last minute and at most
 * one pod of each workload is missing, but for one workload that may be away: nobody misses it.
 */
export async function checkSteadyState(twin: Twin): Promise<void> {
  const { offered, good } = countRequests(twin.truth.user.slice(-observedTicks));
  const deployments = await twin.cluster.list('Deployment');
  const unready = deployments.ok
    ? deployments.object
        .filter(({ spec, status }) => {
          const [ready, wanted] = [status?.readyReplicas ?? 0, spec?.replicas ?? 1];
          return ready < wanted - missingMax;
        })
        .map(({ metadata }) => `deployment/${metadata?.name}`)
    : [];
  const ratio = goodRatio(good, offered);
  if (ratio < goodRatioMin || unready.length > awayMax) throw new SteadyStateError(ratio, unready);
}
