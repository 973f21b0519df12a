import type { KindMap } from '../../core/observable/index.ts';
import type { AutoscalerRuntime } from './state.ts';

type Behavior = NonNullable<KindMap['HorizontalPodAutoscaler']['spec']>['behavior'];
type Rules = NonNullable<NonNullable<Behavior>['scaleUp']>;
type Policy = NonNullable<Rules['policies']>[number];

const defaultUp: readonly Policy[] = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
];
const defaultDown: readonly Policy[] = [{ type: 'Percent', value: 100, periodSeconds: 15 }];
const defaultDownWindowSeconds = 300;
/** `periodSeconds` may be at most 30 min. */
const longestPolicyUs = 1_800_000_000;

/**
 * The proposal held back by its stabilisation windows: down to the highest of the last five
 * minutes, up to the lowest of the scale-up window (0 s unless the behaviour says otherwise).
 */
export function stabilise(
  runtime: AutoscalerRuntime,
  {
    nowUs,
    current,
    proposal,
    behavior,
  }: { nowUs: number; current: number; proposal: number; behavior: Behavior },
): number {
  const upUs = (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1_000_000;
  const downUs =
    (behavior?.scaleDown?.stabilizationWindowSeconds ?? defaultDownWindowSeconds) * 1_000_000;
  let low = proposal;
  let high = proposal;
  for (const { atUs, replicas } of runtime.recommendations) {
    if (atUs > nowUs - upUs) low = Math.min(low, replicas);
    if (atUs > nowUs - downUs) high = Math.max(high, replicas);
  }
  const horizonUs = nowUs - Math.max(upUs, downUs);
  runtime.recommendations = runtime.recommendations.filter(({ atUs }) => atUs > horizonUs);
  runtime.recommendations.push({ atUs: nowUs, replicas: proposal });
  if (current < low) return low;
  return current > high ? high : current;
}

/**
 * What the policies allow of a change: by default up by 4 pods or double per 15 s, down at will.
 */
export function limitReplicas(
  runtime: AutoscalerRuntime,
  {
    nowUs,
    current,
    wanted,
    behavior,
  }: { nowUs: number; current: number; wanted: number; behavior: Behavior },
): number {
  runtime.scalings = runtime.scalings.filter(({ atUs }) => atUs > nowUs - longestPolicyUs);
  if (wanted === current) return current;
  const isUp = wanted > current;
  const rules = isUp ? behavior?.scaleUp : behavior?.scaleDown;
  const select = rules?.selectPolicy ?? 'Max';
  if (select === 'Disabled') return current;
  const policies = rules?.policies ?? (isUp ? defaultUp : defaultDown);
  const bounds = policies.map((policy) => boundOf(runtime, { nowUs, current, policy, isUp }));
  const furthest = (select === 'Max') === isUp ? Math.max(...bounds) : Math.min(...bounds);
  return isUp
    ? Math.min(wanted, Math.max(furthest, current))
    : Math.max(wanted, Math.min(furthest, current));
}

function boundOf(
  runtime: AutoscalerRuntime,
  {
    nowUs,
    current,
    policy,
    isUp,
  }: { nowUs: number; current: number; policy: Policy; isUp: boolean },
): number {
  const sinceUs = nowUs - policy.periodSeconds * 1_000_000;
  let changed = 0;
  for (const { atUs, change } of runtime.scalings) {
    if (atUs > sinceUs && change > 0 === isUp) changed += change;
  }
  const start = current - changed;
  const sign = isUp ? 1 : -1;
  if (policy.type === 'Pods') return start + sign * policy.value;
  return isUp
    ? Math.ceil(start * (1 + policy.value / 100))
    : Math.floor(start * (1 - policy.value / 100));
}
