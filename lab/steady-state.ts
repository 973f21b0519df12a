import { goodRatio } from '../core/truth/index.ts';
import type { Twin } from '../sim/index.ts';
import { SteadyStateError } from './episode-options.ts';
import { countRequests } from './sli.ts';

const observedTicks = 60;
const goodRatioMin = 0.9;

/** Throws a {@link SteadyStateError} unless users were served well over the last minute and all replicas are ready. */
export async function checkSteadyState(twin: Twin): Promise<void> {
  const { offered, good } = countRequests(twin.truth.user.slice(-observedTicks));
  const deployments = await twin.cluster.list('Deployment');
  const unready = deployments.ok
    ? deployments.object
        .filter(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1))
        .map(({ metadata }) => `deployment/${metadata?.name}`)
    : [];
  const ratio = goodRatio(good, offered);
  if (ratio < goodRatioMin || unready.length > 0) throw new SteadyStateError(ratio, unready);
}
