import { parseQuantity } from '../core/tools/index.ts';
import type { TwinSpec } from '../core/truth/index.ts';
import { callRates, indexOperations } from './call-rates.ts';
import { findDeployment } from './manifests.ts';

/** What one service has to do at the mean request rate, and what it may use for it. */
export interface ServiceLoad {
  readonly service: string;
  readonly requestsPerSec: number;
  readonly cpuCores: number;
  readonly replicas: number;
  /** Sum over the replicas; null where a container has no CPU limit. */
  readonly limitCores: number | null;
  /** Share of the limit in use (0 to 1, above 1 is an overload); null without a limit. */
  readonly utilization: number | null;
}

/** Expected CPU use per service in good health: no retries, no cold starts, the mean rate. */
export function expectedUtilization(spec: TwinSpec): readonly ServiceLoad[] {
  const rates = callRates(spec);
  const operations = indexOperations(spec);
  return spec.services.map((service) => {
    const keys = service.operations.map(({ name }) => `${service.name}/${name}`);
    const rateOf = (key: string): number => rates.get(key) ?? 0;
    const cpuCores = keys.reduce((sum, key) => {
      return sum + (rateOf(key) * (operations.get(key)?.cpuMs ?? 0)) / 1000;
    }, 0);
    const deployment = findDeployment(spec.objects, service);
    const replicas = deployment?.spec?.replicas ?? 1;
    const perPod = cpuLimitCores(deployment);
    const limitCores = perPod === null ? null : perPod * replicas;
    return {
      service: service.name,
      requestsPerSec: keys.reduce((sum, key) => sum + rateOf(key), 0),
      cpuCores,
      replicas,
      limitCores,
      utilization: limitCores === null ? null : cpuCores / limitCores,
    };
  });
}

function cpuLimitCores(deployment: ReturnType<typeof findDeployment>): number | null {
  let sum = 0;
  for (const container of deployment?.spec?.template.spec?.containers ?? []) {
    const limit = container.resources?.limits?.cpu;
    if (limit === undefined) return null;
    sum += parseQuantity(limit);
  }
  return sum;
}
