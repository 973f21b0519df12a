import {
  deploymentTarget,
  type FaultClass,
  type SuggestedAction,
  type Topology,
} from '../core/observable/index.ts';

/** What an experienced operator would try first against a cause of this class at a service. */
export function actionsForService(
  topology: Topology,
  service: string,
  faultClass: FaultClass,
  hasRecentRelease: boolean,
): readonly SuggestedAction[] {
  const target = targetOf(topology, service);
  if (target === null) return [];
  const rollback = { kind: 'rollback', target, reason: 'the trouble came with its latest release' };
  switch (faultClass) {
    case 'bad_release':
      return [rollback];
    case 'memory_exhaustion': {
      const restart = {
        kind: 'restart',
        target,
        reason: 'a fresh process starts with little memory',
      };
      return hasRecentRelease ? [rollback, restart] : [restart];
    }
    case 'cpu_saturation':
      return [{ kind: 'scale_up', target, reason: 'its pods are out of CPU' }];
    case 'network_latency':
      return [{ kind: 'restart', target, reason: 'new pods come with a fresh network path' }];
    default: {
      const restart = { kind: 'restart', target, reason: 'failures begin at this service' };
      return hasRecentRelease ? [rollback, restart] : [restart];
    }
  }
}

/** Against a lost zone: take traffic away, then capacity. */
export function actionsForZone(zone: string): readonly SuggestedAction[] {
  const target = `zone/${zone}`;
  return [
    { kind: 'traffic_shift', target, reason: 'requests into the zone are lost' },
    { kind: 'cordon', target, reason: 'nothing new should start there' },
    { kind: 'drain', target, reason: 'its pods must run elsewhere' },
  ];
}

/** Against a lost node. */
export function actionsForNode(node: string): readonly SuggestedAction[] {
  const target = `node/${node}`;
  return [
    { kind: 'cordon', target, reason: 'nothing new should start there' },
    { kind: 'drain', target, reason: 'its pods must run elsewhere' },
  ];
}

/** Against more users than usual: capacity where it is short, then a limit at the entry. */
export function actionsForLoad(
  topology: Topology,
  busiestServices: readonly string[],
): readonly SuggestedAction[] {
  const actions: SuggestedAction[] = [];
  for (const service of busiestServices) {
    const target = targetOf(topology, service);
    if (target)
      actions.push({ kind: 'scale_up', target, reason: 'demand rose and its CPU is short' });
  }
  const entry = targetOf(topology, topology.entryService);
  if (entry) {
    actions.push({
      kind: 'rate_limit',
      target: entry,
      reason: 'a limit protects those already served',
    });
  }
  return actions;
}

function targetOf(topology: Topology, service: string): string | null {
  const entry = topology.services.find(({ name }) => name === service);
  return entry ? deploymentTarget(entry) : null;
}
