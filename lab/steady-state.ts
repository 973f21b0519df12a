import type { Twin } from '../sim/index.ts';
import { SteadyStateError } from './episode-options.ts';

const observedTicks = 60;
const goodRatioMin = 0.9;

/** Throws a {@link SteadyStateError} unless users were served well over the last minute and all replicas are ready. */
export async function checkSteadyState(twin: Twin): Promise<void> {
  let offered = 0;
  let good = 0;
  for (const tick of twin.truth.user.slice(-observedTicks)) {
    for (const value of tick.offered) offered += value;
    for (const value of tick.good) good += value;
  }
  const deployments = await twin.cluster.list('Deployment');
  const unready = deployments.ok
    ? deployments.object
        .filter(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1))
        .map(({ metadata }) => `deployment/${metadata?.name}`)
    : [];
  const ratio = offered > 0 ? good / offered : 1;
  if (ratio < goodRatioMin || unready.length > 0) throw new SteadyStateError(ratio, unready);
}
