import type { Stream } from '../../core/tools/index.ts';
import type { NodeSpec } from '../../core/truth/index.ts';
import type { OperationPlan, ServicePlan } from './service-plans.ts';

/** What one service gets of the cluster. */
export interface Sizing {
  readonly replicas: number;
  /** Per pod, in whole thousandths. */
  readonly cpuLimitCores: number;
  readonly cpuRequestCores: number;
  readonly autoscale: { readonly replicasMax: number; readonly utilization: number } | null;
}

/** CPU use as a share of the limits lies between these at the mean rate. */
const utilizationRange = { low: 0.25, high: 0.5 } as const;
/** Below this limit a pod stretches every request beyond what people accept. */
const limitMinCores = 0.1;
/** Replicas beyond the least, at most. */
const furtherMax = 58;
const autoscaleAt = 0.7;
/** How steeply replicas follow the load: 1 would leave all but the busiest with the minimum. */
const loadExponent = 0.6;
const node = { cpuCores: 16, memoryBytes: 64 * 1_073_741_824, podsMax: 80 } as const;
const zoneNames = ['a', 'b', 'c'] as const;

/**
 * Replicas and limits from the call rates. A service so quiet that its limit would fall below a
 * tenth of a core does more per request instead: CPU times of the plans are raised in place.
 */
export function sizeServices(
  plans: readonly ServicePlan[],
  rates: ReadonlyMap<string, number>,
  { podsPerService, stream }: { podsPerService: number; stream: Stream },
): Sizing[] {
  const rateOf = (plan: ServicePlan, operation: OperationPlan): number =>
    rates.get(`${plan.name}/${operation.name}`) ?? 0;
  const loadOf = (plan: ServicePlan): number =>
    plan.operations.reduce((sum, o) => sum + (rateOf(plan, o) * o.cpuMs) / 1000, 0);
  const replicas = shareReplicas(plans, plans.map(loadOf), podsPerService);
  const hottest = busiest(plans, plans.map(loadOf));
  return plans.map((plan, i) => {
    const pods = replicas[i] as number;
    const { low, high } = utilizationRange;
    const utilization = low + (high - low) * stream.next();
    const leastCores = utilization * pods * limitMinCores;
    const raise = Math.max(1, leastCores / Math.max(loadOf(plan), 1e-9));
    for (const operation of plan.operations) {
      operation.cpuMs = Math.max(0.001, Math.round(1000 * raise * operation.cpuMs) / 1000);
    }
    const limit = Math.ceil((1000 * loadOf(plan)) / (pods * utilization)) / 1000;
    const scales = i === 0 || i === hottest;
    return {
      replicas: pods,
      cpuLimitCores: limit,
      // An autoscaler looks at the request, so there it is the limit.
      cpuRequestCores: scales ? limit : Math.ceil(600 * limit) / 1000,
      autoscale: scales ? { replicasMax: 3 * pods, utilization: autoscaleAt } : null,
    };
  });
}

/** Two for what keeps nothing, one for a store, and the rest where the load is. */
function shareReplicas(
  plans: readonly ServicePlan[],
  loads: readonly number[],
  podsPerService: number,
): number[] {
  const least = plans.map(({ isStore }) => (isStore ? 1 : 2));
  const weights = loads.map((load) => Math.exp(loadExponent * Math.log(Math.max(load, 1e-9))));
  const free = podsPerService * plans.length - least.reduce((sum, count) => sum + count, 0);
  const perWeight = fillLevel(weights, Math.max(0, free));
  let carry = 0;
  return least.map((count, i) => {
    carry += Math.min(furtherMax, perWeight * (weights[i] as number));
    // Sums of fractions may miss a whole number by a rounding error.
    const further = Math.floor(carry + 1e-6);
    carry -= further;
    return count + further;
  });
}

/** The level at which the shares level · weight, cut at the maximum, sum up to what there is. */
function fillLevel(weights: readonly number[], free: number): number {
  let level = 0;
  let rest = free;
  let open = weights;
  while (rest > 0.5 && open.length > 0) {
    level += rest / open.reduce((sum, weight) => sum + weight, 0);
    const filled = level;
    rest = free - weights.reduce((sum, weight) => sum + Math.min(furtherMax, filled * weight), 0);
    open = open.filter((weight) => filled * weight < furtherMax);
  }
  return level;
}

/** The stateless service with the most work, the front left out. */
function busiest(plans: readonly ServicePlan[], loads: readonly number[]): number {
  let best = 1;
  for (let i = 2; i < plans.length; i += 1) {
    if (plans[i]?.isStore) continue;
    if (plans[best]?.isStore || (loads[i] as number) > (loads[best] as number)) best = i;
  }
  return best;
}

/**
 * As many equal nodes in three zones as the requests need at two thirds, four per zone at least.
 */
export function renderNodes(sizing: readonly Sizing[], region: string): NodeSpec[] {
  const pods = sizing.reduce((sum, { replicas }) => sum + replicas, 0);
  const cores = sizing.reduce((sum, s) => sum + s.replicas * s.cpuRequestCores, 0);
  const needed = Math.max(pods / node.podsMax, cores / (node.cpuCores * 0.66));
  const perZone = Math.max(4, Math.ceil(needed / zoneNames.length));
  return zoneNames.flatMap((letter) =>
    Array.from({ length: perZone }, (_, i): NodeSpec => {
      const zone = `${region}${letter}`;
      const name = `node-${letter}${i + 1}`;
      return {
        name,
        zone,
        region,
        cpuCores: node.cpuCores,
        memoryBytes: node.memoryBytes,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'topology.kubernetes.io/region': region,
          'topology.kubernetes.io/zone': zone,
        },
      };
    }),
  );
}
