import { changeByHand, replicasFor } from './everyday-edits.ts';
import {
  between,
  type EverydayKind,
  type Happening,
  logBetween,
  pick,
  seconds,
} from './everyday-kind.ts';
import type { EverydayPlaces } from './everyday-places.ts';

/** A node is scaled in, a spot machine reclaimed, a pod descheduled: one pod goes, one comes. */
const podIsReplaced: EverydayKind = ({ redundant }, { place }) => {
  const service = pick(redundant, place);
  if (service === undefined) return null;
  const parameters = { mode: 'pod', count: 1 };
  return { kind: 'pod_kill', target: `service/${service.name}`, parameters, durationMs: 1000 };
};

/** A service that nobody needs is taken down for a while: its store moves, a secret is changed. */
const takenDown: EverydayKind = ({ dispensable }, { place, length }) => {
  const service = pick(
    dispensable.filter(({ isScaled }) => !isScaled),
    place,
  );
  return service ? replicasFor(service, 0, seconds(20, 150, length)) : null;
};

/** What a service that nobody needs depends on is away: a provider of ads, a mail gateway. */
const dependencyAway: EverydayKind = ({ dispensable }, { place, size, length }) => {
  const service = pick(dispensable, place);
  if (service === undefined) return null;
  return {
    kind: 'failing_work',
    target: `service/${service.name}`,
    parameters: { cause: 'maintenance', errorShare: Math.min(1, between(0.4, 2.5, size)) },
    durationMs: seconds(15, 120, length),
  };
};

/** A schedule or a person gives a service one more pod for a while. */
const onePodMore: EverydayKind = ({ redundant }, { place, length }) => {
  const service = pick(
    redundant.filter(({ isScaled }) => !isScaled),
    place,
  );
  return service ? replicasFor(service, service.replicas + 1, seconds(120, 900, length)) : null;
};

/** Connections are re-established: many calls fail where nobody minds, few where somebody does. */
const connectionsReset: EverydayKind = (
  { dispensable, services },
  { place, size, spread, length },
) => {
  const isDispensable = spread < 0.75 && dispensable.length > 0;
  const needless = dispensable.map(({ name }) => name);
  const service = pick(isDispensable ? needless : services, place);
  const refusedShare = isDispensable
    ? Math.min(1, between(0.2, 2, size))
    : between(0.002, 0.01, size);
  return {
    kind: 'call_failure',
    target: `service/${service}`,
    parameters: { cause: 'reconnecting', refusedShare },
    durationMs: seconds(10, 45, length),
  };
};

/**
 * Clients for which nobody waits (exports, crawlers, a partner's integration with an old token)
 * call services, and jobs of services call others: some calls fail, some are slow, many are
 * neither. Clients come alone or, where schedules start at the full hour, in herds.
 */
const batchClients: EverydayKind = (places, { size, further }) => {
  const herd = Math.ceil(logBetween(1, 1.5 * places.services.length, size));
  return Array.from({ length: herd }, (_, i) =>
    batchClient(places, (field) => further(batchFields * i + field)),
  );
};

const batchFields = 6;

function batchClient(
  { services, edges, usersPerSec }: EverydayPlaces,
  draw: (field: number) => number,
): Happening {
  const edge = draw(0) < 0.5 ? pick(edges, draw(1)) : undefined;
  const errors = draw(2);
  return {
    kind: 'batch_traffic',
    target: edge ?? `service/${pick(services, draw(1))}`,
    parameters: {
      perSec: usersPerSec * logBetween(0.03, 10, draw(3)),
      // Some fail now and then, some always: a token is out of date, a record cannot be read.
      errorRatio: errors < 0.6 ? Math.min(1, between(0.05, 2, errors / 0.6)) : 0,
      latencyMs: Math.round(100 * logBetween(0.05, 5000, draw(4))) / 100,
    },
    durationMs: seconds(15, 180, draw(5)),
  };
}

/** A process collects garbage or writes a checkpoint: a fast service is many times slower. */
const processPauses: EverydayKind = ({ services }, { place, size, spread, length }) => ({
  kind: 'slow_work',
  target: `service/${pick(services, place)}`,
  parameters: {
    cause: 'growing_heap',
    pods: 'one',
    podPick: spread,
    stallShare: between(0.3, 0.9, spread),
    stallMs: Math.round(between(4, 20, size)),
  },
  durationMs: seconds(15, 60, length),
});

/**
 * A job inside the processes of a service: an index is rebuilt, a report loads what it needs. Where
 * nobody needs the service, it may take all the CPU there is.
 */
const jobInside: EverydayKind = (places, { place, size, spread, length }) => {
  const { dispensable, redundant } = places;
  const needless = dispensable.filter(({ cpuLimitCores }) => cpuLimitCores > 0);
  const isHungry = size < 0.6 && needless.length > 0;
  const service = pick(isHungry ? needless : redundant, place);
  if (service === undefined) return null;
  const { name, cpuLimitCores, memoryLimitBytes, replicas } = service;
  const isAlone = spread < 0.5;
  // One busy pod of many slows few requests.
  const most = isAlone && replicas > 2 ? 0.3 : 0.1;
  return {
    kind: 'pod_pressure',
    target: `service/${name}`,
    parameters: {
      cause: 'maintenance',
      pods: isAlone ? 'one' : 'all',
      podPick: (2 * spread) % 1,
      podBytes: Math.round(memoryLimitBytes * between(0.03, 0.3, spread)),
      podCores: cpuLimitCores * (isHungry ? between(0.3, 4, size / 0.6) : between(0, most, length)),
    },
    durationMs: seconds(20, 180, length),
  };
};

/** A batch job of the platform runs beside the pods of a node. */
const batchJob: EverydayKind = ({ nodes }, { place, size, length }) => {
  const node = pick(nodes, place);
  if (node === undefined) return null;
  const nodeCores = node.cpuCores * between(0.2, 0.6, size);
  return {
    kind: 'node_pressure',
    target: `node/${node.name}`,
    parameters: { cause: 'busy_neighbour', nodeCores },
    durationMs: seconds(60, 240, length),
  };
};

/** A link is busy for a while. */
const busyLink: EverydayKind = ({ edges }, { place, size, spread, length }) => {
  const edge = pick(edges, place);
  if (edge === undefined) return null;
  return {
    kind: 'network_impairment',
    target: edge,
    parameters: {
      cause: 'lossy_link',
      packetLoss: between(0.0002, 0.001, size),
      delayMs: between(0.5, 4, spread),
      jitterMs: between(0.2, 2, size),
    },
    durationMs: seconds(20, 120, length),
  };
};

/** A newsletter goes out, a crawler comes by: more users on one way, or on all. */
const moreUsers: EverydayKind = ({ journeys }, { place, size, spread, length }) => ({
  kind: 'load_factor',
  target: `user/${spread < 0.5 ? '*' : pick(journeys, place)}`,
  parameters: { factor: between(1.15, 1.6, size), rampMs: seconds(5, 60, length) },
  durationMs: seconds(60, 240, length),
});

/** A good release, between a little cheaper and a little dearer than the one before. */
const goodRelease: EverydayKind = ({ redundant }, { place, size }) => {
  const service = pick(redundant, place);
  if (service === undefined) return null;
  const parameters = { errorRatio: 0, cpuFactor: between(0.95, 1.1, size), leakBytesPerSec: 0 };
  return { kind: 'release', target: `service/${service.name}`, parameters, durationMs: null };
};

/** How often each comes up, relative to the others; our assumption. */
const kinds: readonly (readonly [weight: number, kind: EverydayKind])[] = [
  [6, podIsReplaced],
  [5, connectionsReset],
  [14, batchClients],
  [8, takenDown],
  [8, dependencyAway],
  [3, onePodMore],
  [3, processPauses],
  [10, jobInside],
  [4, batchJob],
  [2, busyLink],
  [3, moreUsers],
  [2, goodRelease],
  [4, changeByHand],
];
const weightSum = kinds.reduce((sum, [weight]) => sum + weight, 0);

/** The kind that a uniform number picks. */
export function kindAt(share: number): EverydayKind {
  let left = share * weightSum;
  for (const [weight, kind] of kinds) {
    left -= weight;
    if (left < 0) return kind;
  }
  return goodRelease;
}
