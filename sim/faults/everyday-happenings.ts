import { createDrawKey, uniformAt } from '../../core/tools/index.ts';
import type { Fault, ObjectEdit, TwinSpec } from '../../core/truth/index.ts';
import { type EverydayPlaces, everydayPlaces } from './everyday-places.ts';

/** Pods are still starting before that. */
const quietStartMs = 300_000;
const hourMs = 3_600_000;

type Happening = Pick<Fault, 'kind' | 'target' | 'parameters' | 'durationMs' | 'edits'>;

/** Numbers in [0, 1) that one happening is made from, and which of the run's it is. */
interface Draws {
  readonly place: number;
  readonly size: number;
  readonly spread: number;
  readonly length: number;
  readonly ordinal: number;
}

type Kind = (places: EverydayPlaces, draws: Draws) => Happening | null;

function pick<T>(items: readonly T[], share: number): T | undefined {
  return items[Math.floor(share * items.length)];
}

function between(low: number, high: number, share: number): number {
  return low + (high - low) * share;
}

function seconds(low: number, high: number, share: number): number {
  return 1000 * Math.round(between(low, high, share));
}

/** A node is scaled in, a spot machine reclaimed, a pod descheduled: one pod goes, one comes. */
const podIsReplaced: Kind = ({ redundant }, { place }) => {
  const service = pick(redundant, place);
  if (service === undefined) return null;
  const parameters = { mode: 'pod', count: 1 };
  return { kind: 'pod_kill', target: `service/${service.name}`, parameters, durationMs: 1000 };
};

/** Connections are re-established: many calls fail where nobody minds, few where somebody does. */
const connectionsReset: Kind = ({ dispensable, services }, { place, size, spread, length }) => {
  const isDispensable = spread < 0.75 && dispensable.length > 0;
  const service = pick(isDispensable ? dispensable : services, place);
  const refusedShare = isDispensable ? between(0.2, 1, size) : between(0.002, 0.01, size);
  return {
    kind: 'call_failure',
    target: `service/${service}`,
    parameters: { cause: 'reconnecting', refusedShare },
    durationMs: seconds(10, 45, length),
  };
};

/** A process collects garbage or writes a checkpoint: a fast service is many times slower. */
const processPauses: Kind = ({ services }, { place, size, spread, length }) => ({
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

/** A batch job of the platform runs beside the pods of a node. */
const batchJob: Kind = ({ nodes }, { place, size, length }) => {
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
const busyLink: Kind = ({ edges }, { place, size, spread, length }) => {
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

/** A newsletter goes out, a crawler comes by. */
const moreUsers: Kind = ({ journeys }, { place, size, length }) => ({
  kind: 'load_factor',
  target: `user/${pick(journeys, place)}`,
  parameters: { factor: between(1.15, 1.6, size), rampMs: 20_000 },
  durationMs: seconds(60, 240, length),
});

/** A good release, between a little cheaper and a little dearer than the one before. */
const goodRelease: Kind = ({ redundant }, { place, size }) => {
  const service = pick(redundant, place);
  if (service === undefined) return null;
  const parameters = { errorRatio: 0, cpuFactor: between(0.95, 1.1, size), leakBytesPerSec: 0 };
  return { kind: 'release', target: `service/${service.name}`, parameters, durationMs: null };
};

/** Somebody changes a setting by hand: another log level, a longer shutdown, a note on a Service. */
const changeByHand: Kind = ({ redundant }, { place, size, ordinal }) => {
  const service = pick(redundant, place);
  if (service === undefined) return null;
  const edit = pick(handEdits, size)?.(service, ordinal);
  if (edit === undefined) return null;
  const target = `service/${service.name}`;
  return { kind: 'object_edit', target, parameters: {}, edits: [edit], durationMs: null };
};

type Redundant = EverydayPlaces['redundant'][number];

const logLevels = ['info', 'warn', 'debug'] as const;

const handEdits: readonly ((service: Redundant, ordinal: number) => ObjectEdit)[] = [
  ({ namespace, workload, container }, ordinal) => {
    const env = [{ name: 'LOG_LEVEL', value: logLevels[ordinal % logLevels.length] }];
    return patchDeployment({ namespace, workload }, { containers: [{ name: container, env }] });
  },
  ({ namespace, workload }, ordinal) =>
    patchDeployment(
      { namespace, workload },
      { terminationGracePeriodSeconds: 31 + (ordinal % 30) },
    ),
  ({ namespace, name }, ordinal) => ({
    verb: 'patch',
    object: { kind: 'Service', namespace, name },
    patch: { type: 'merge', body: { metadata: { annotations: { note: `reviewed ${ordinal}` } } } },
  }),
];

function patchDeployment(
  { namespace, workload }: { readonly namespace: string; readonly workload: string },
  podSpec: Readonly<Record<string, unknown>>,
): ObjectEdit {
  return {
    verb: 'patch',
    object: { kind: 'Deployment', namespace, name: workload },
    patch: { type: 'strategic', body: { spec: { template: { spec: podSpec } } } },
  };
}

/** How often each comes up, relative to the others; our assumption. */
const kinds: readonly (readonly [weight: number, kind: Kind])[] = [
  [2, podIsReplaced],
  [5, connectionsReset],
  [4, processPauses],
  [2, batchJob],
  [2, busyLink],
  [2, moreUsers],
  [1, goodRelease],
  [2, changeByHand],
];
const weightSum = kinds.reduce((sum, [weight]) => sum + weight, 0);

function kindAt(share: number): Kind {
  let left = share * weightSum;
  for (const [weight, kind] of kinds) {
    left -= weight;
    if (left < 0) return kind;
  }
  return goodRelease;
}

/**
 * What happens in any cluster on any day and is nobody's incident, as a Poisson process. Draws are
 * addressed by (seed, ordinal), so that nothing a healer does moves them; a fork goes on alike.
 */
export class EverydayHappenings {
  readonly #places: EverydayPlaces;
  readonly #perHour: number;
  readonly #key: number;
  #ordinal: number;
  #nextMs: number;

  constructor(
    options:
      | { readonly spec: TwinSpec; readonly seed: number; readonly startMs: number }
      | { readonly source: EverydayHappenings },
  ) {
    if ('source' in options) {
      const { source } = options;
      this.#places = source.#places;
      this.#perHour = source.#perHour;
      this.#key = source.#key;
      this.#ordinal = source.#ordinal;
      this.#nextMs = source.#nextMs;
      return;
    }
    const { spec, seed, startMs } = options;
    this.#places = everydayPlaces(spec);
    this.#perHour = spec.workload.happeningsPerHour;
    this.#key = createDrawKey(seed, 'everyday');
    this.#ordinal = 0;
    this.#nextMs = this.#after(startMs + quietStartMs);
  }

  fork(): EverydayHappenings {
    return new EverydayHappenings({ source: this });
  }

  /** What begins by `nowMs`, oldest first; benign, hence without a class. */
  due(nowMs: number): readonly Fault[] {
    const due: Fault[] = [];
    while (this.#nextMs <= nowMs) {
      const happening = this.#draw();
      if (happening) due.push({ ...happening, startMs: this.#nextMs, faultClass: null });
      this.#ordinal += 1;
      this.#nextMs = this.#after(this.#nextMs);
    }
    return due;
  }

  /** Exponential gaps; never, where nothing is to happen. */
  #after(fromMs: number): number {
    if (this.#perHour === 0) return Number.POSITIVE_INFINITY;
    const share = uniformAt(this.#key, this.#ordinal, 0);
    return fromMs + Math.round((-Math.log(1 - share) * hourMs) / this.#perHour);
  }

  #draw(): Happening | null {
    const share = (field: number): number => uniformAt(this.#key, this.#ordinal, field);
    return kindAt(share(1))(this.#places, {
      place: share(2),
      size: share(3),
      spread: share(4),
      length: share(5),
      ordinal: this.#ordinal,
    });
  }
}
