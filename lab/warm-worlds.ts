import type { Topology } from '../core/observable/index.ts';
import { digestOf } from '../core/tools/index.ts';
import type { Scenario, TwinSpec } from '../core/truth/index.ts';
import { describeTopology, loadTopology } from '../scenarios/index.ts';
import { createTwin, type Twin } from '../sim/index.ts';

/** A world at or before the beginning of the measured run, in which nothing is going to happen. */
export interface WarmWorld {
  readonly spec: TwinSpec;
  readonly topology: Topology;
  /** Only to be forked. */
  readonly twin: Twin;
}

/** Worlds of the largest topologies take some 100 MB; scenarios come sorted by topology. */
const keptWorlds = 3;

/**
 * Warm worlds by topology, workload, warm-up and seed: scenarios that share them share the warm-up.
 */
export class WarmWorlds {
  readonly #specs = new Map<string, { spec: TwinSpec; topology: Topology }>();
  readonly #worlds = new Map<string, Promise<Twin>>();
  readonly #isQuiet: boolean;

  /** `isQuiet`: worlds in which nothing happens but what is scheduled. */
  constructor({ isQuiet = false }: { readonly isQuiet?: boolean } = {}) {
    this.#isQuiet = isQuiet;
  }

  /** The topology as a scenario runs it; one object per topology and workload. */
  describe({ topology: name, workload }: Scenario): { spec: TwinSpec; topology: Topology } {
    const key = digestOf([name, workload]);
    let found = this.#specs.get(key);
    if (!found) {
      const loaded = loadTopology(name, { workload });
      const spec = this.#isQuiet ? withoutHappenings(loaded) : loaded;
      found = { spec, topology: describeTopology(spec) };
      this.#specs.set(key, found);
    }
    return found;
  }

  /** `atMs` is 0, the beginning of the measured run, or some time before it. */
  async at(scenario: Scenario, seed: number, atMs = 0): Promise<WarmWorld> {
    const described = this.describe(scenario);
    const { warmUpMs } = scenario;
    const key = digestOf([scenario.topology, scenario.workload, warmUpMs, seed, atMs]);
    let world = this.#worlds.get(key);
    if (!world) {
      world = warmUp({ ...described, seed, warmUpMs, atMs });
      this.#worlds.set(key, world);
      const [oldest] = this.#worlds.keys();
      if (this.#worlds.size > keptWorlds) this.#worlds.delete(oldest as string);
    }
    return { ...described, twin: await world };
  }
}

function withoutHappenings(spec: TwinSpec): TwinSpec {
  return { ...spec, workload: { ...spec.workload, happeningsPerHour: 0 } };
}

async function warmUp(options: {
  spec: TwinSpec;
  topology: Topology;
  seed: number;
  warmUpMs: number;
  atMs: number;
}): Promise<Twin> {
  const { spec, topology, seed, warmUpMs, atMs } = options;
  const twin = createTwin({ spec, topology, seed, startMs: -warmUpMs, telemetry: false });
  await twin.advance(atMs);
  return twin;
}
