import type { ComponentId, KindMap, PodPlacement } from '../core/observable/index.ts';
import { componentKind, componentName } from '../core/observable/index.ts';
import {
  bucketCount,
  type ClusterComponent,
  clusterComponents,
  demandOf,
  editedObject,
  type Fault,
  type GroundTruth,
  goodRatio,
  lostRequests,
  type SliSeries,
  type TwinSpec,
} from '../core/truth/index.ts';
import type { TruthLog } from '../sim/index.ts';
import { lastingRecovery } from './sli.ts';
import type { Tolerances } from './tolerance.ts';

/** A difference counts when it lasts this many ticks. */
const ticksToDiffer = 3;

export interface TruthInput {
  readonly spec: TwinSpec;
  readonly faults: readonly Fault[];
  readonly unhealed: TruthLog;
  readonly noFault: TruthLog;
  readonly unhealedSli: SliSeries;
  readonly noFaultSli: SliSeries;
  readonly tolerances: Tolerances;
  /** Where the pods were when the first fault took hold. */
  readonly podsAtInjection: readonly PodPlacement[];
  /** The release each service got from a fault, e.g. `v1.2.4`. */
  readonly releases: ReadonlyMap<string, string>;
}

/** Derives what really happened from the pair of unhealed runs with and without the faults. */
export function deriveGroundTruth(input: TruthInput): GroundTruth {
  const { faults, unhealedSli, noFaultSli, tolerances } = input;
  const injectedAtMs = faults.length > 0 ? Math.min(...faults.map((fault) => fault.startMs)) : null;
  const onsetMs = injectedAtMs === null ? null : findUserOnset(input, injectedAtMs);
  const demand = demandOf({ noFault: noFaultSli, unhealed: unhealedSli });
  const endMs = noFaultSli.startMs + bucketCount(noFaultSli) * noFaultSli.stepMs;
  return {
    injectedAtMs,
    onsetMs,
    unhealedRecoveryMs:
      onsetMs === null
        ? null
        : lastingRecovery({
            series: unhealedSli,
            noFault: noFaultSli,
            tolerance: tolerances.goodRatio,
            fromMs: onsetMs + unhealedSli.stepMs,
          }),
    rootCauses: faults.length > 0 ? resolveRootCauses(input) : [],
    faultClass: faults[0]?.faultClass ?? null,
    silent: injectedAtMs !== null && onsetMs === null,
    affected: injectedAtMs === null ? [] : findAffected(input, injectedAtMs),
    unhealedLostRequests:
      onsetMs === null ? 0 : lostRequests(unhealedSli, demand, { fromMs: onsetMs, untilMs: endMs }),
  };
}

/**
 * When users first fared differently for three ticks, at or after `fromMs`; null when they did not.
 */
export function findUserOnset(
  { unhealed, noFault, tolerances }: Pick<TruthInput, 'unhealed' | 'noFault' | 'tolerances'>,
  fromMs: number,
): number | null {
  return firstLastingDifference(unhealed, fromMs, (tick) => {
    const broken = unhealed.user[tick] as TruthLog['user'][number];
    const sound = noFault.user[tick] as TruthLog['user'][number];
    return unhealed.journeys.some((_, j) => {
      const offered = sound.offered[j] as number;
      // Users who no longer get through are asked for all the same; a journey that nobody is on
      // in either run cannot differ.
      const asked = Math.max(offered, broken.offered[j] as number);
      const difference =
        goodRatio(sound.good[j] as number, offered) - goodRatio(broken.good[j] as number, asked);
      return Math.abs(difference) > (tolerances.goodRatio[j] as number);
    });
  });
}

function findAffected(input: TruthInput, fromMs: number): GroundTruth['affected'] {
  const { unhealed, noFault, tolerances } = input;
  return unhealed.services
    .map((service, s) => ({
      component: `service/${service}`,
      atMs: firstLastingDifference(unhealed, fromMs, (tick) => {
        const broken = unhealed.service[tick] as TruthLog['service'][number];
        const sound = noFault.service[tick] as TruthLog['service'][number];
        return (
          Math.abs((broken.errorRatio[s] as number) - (sound.errorRatio[s] as number)) >
            (tolerances.errorRatio[s] as number) ||
          Math.abs((broken.latencyMsMean[s] as number) - (sound.latencyMsMean[s] as number)) >
            (tolerances.latencyMs[s] as number)
        );
      }),
    }))
    .filter((entry): entry is { component: ComponentId; atMs: number } => entry.atMs !== null)
    .sort((a, b) => a.atMs - b.atMs || (a.component < b.component ? -1 : 1));
}

/** When the first of `ticksToDiffer` differing ticks in a row began; null when there are none. */
function firstLastingDifference(
  log: TruthLog,
  fromMs: number,
  differs: (tick: number) => boolean,
): number | null {
  let run = 0;
  for (
    let tick = Math.max(0, Math.floor((fromMs - log.startMs) / 1000));
    tick < log.user.length;
    tick += 1
  ) {
    run = differs(tick) ? run + 1 : 0;
    if (run === ticksToDiffer) return log.startMs + (tick - ticksToDiffer + 1) * 1000;
  }
  return null;
}

/**
 * The faults' targets as they were resolved at injection, widest first; of several faults, any
 * cause is a right answer. See docs/decisions/0011 for what else names the same thing.
 */
function resolveRootCauses(input: TruthInput): ComponentId[] {
  const causes = new Set<ComponentId>();
  for (const fault of input.faults) {
    causes.add(fault.target);
    for (const cause of otherNames(fault, input)) causes.add(cause);
    for (const edit of fault.edits ?? []) {
      const { kind, name } = editedObject(edit);
      causes.add(`config/${kind}/${name}`);
    }
  }
  return [...causes];
}

/** What each of the cluster's own parts is called: by itself, or as the control plane. */
const controlPlaneNames: Readonly<Record<ClusterComponent, readonly ComponentId[]>> = {
  scheduler: ['config/control-plane', 'config/kube-scheduler'],
  controller_manager: ['config/control-plane', 'config/kube-controller-manager'],
  api_server: ['config/control-plane', 'config/kube-apiserver'],
  etcd: ['config/control-plane', 'config/etcd'],
};

function isOfCluster(component: string): component is ClusterComponent {
  return clusterComponents.includes(component as ClusterComponent);
}

/** What the target of a fault is called as well, or contains. */
function otherNames(fault: Fault, input: TruthInput): ComponentId[] {
  const { spec } = input;
  const name = componentName(fault.target);
  const component = String(fault.parameters.component);
  if (fault.kind === 'component_down' && isOfCluster(component)) {
    return [...controlPlaneNames[component]];
  }
  switch (componentKind(fault.target)) {
    case 'zone':
      return spec.nodes.filter(({ zone }) => zone === name).map((node) => `node/${node.name}`);
    case 'service':
      return partsOfService(fault, input);
    case 'edge':
      return [`service/${name.split('->')[1]}`];
    case 'volume':
      return spec.services
        .filter(({ namespace, workload }) =>
          volumesOf(spec, { namespace, workload }).includes(name),
        )
        .map((service) => `service/${service.name}`);
    case 'external':
      return spec.services
        .filter((service) => service.kind === 'external' && service.name === name)
        .map((service) => `service/${service.name}`);
    case 'user':
      return name === '*' ? spec.journeys.map((journey) => `user/${journey.name}`) : [];
    default:
      return [];
  }
}

/** The release that a fault made of a service, or else the pods it had. */
function partsOfService(
  { kind, target }: Fault,
  { spec, podsAtInjection, releases }: TruthInput,
): ComponentId[] {
  const name = componentName(target);
  const release = releases.get(name);
  const workload = spec.services.find((service) => service.name === name)?.workload;
  const released = release === undefined ? [] : [`release/${workload}@${release}`];
  if (kind === 'release') return released;
  const pods = podsAtInjection
    .filter((pod) => pod.service === name)
    .map((pod) => `pod/${pod.namespace}/${pod.pod}`);
  return [...released, ...pods];
}

/** The claims that the pods of a workload mount. */
function volumesOf(
  { objects }: TwinSpec,
  { namespace, workload }: { namespace: string; workload: string },
): string[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'Deployment' || object.metadata?.name !== workload) return [];
    if ((object.metadata.namespace ?? 'default') !== namespace) return [];
    const { spec } = object as KindMap['Deployment'];
    return (spec?.template.spec?.volumes ?? []).flatMap(
      ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
    );
  });
}
