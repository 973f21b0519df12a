import type { ClusterApi, Topology } from '../core/observable/index.ts';
import { InputError } from '../core/tools/index.ts';
import {
  type Episode,
  type Fault,
  type ObjectEdit,
  playEdit,
  type Scenario,
  type Treatment,
  type TwinSpec,
} from '../core/truth/index.ts';
import { Executor } from '../healers/index.ts';
import { scenarioProblem } from '../scenarios/index.ts';
import { createTwin, type Twin } from '../sim/index.ts';

/** Who would write; see `sim/faults/object-edit.ts`. */
const person = { fieldManager: 'kubectl-edit' };
const tickMs = 1000;

/** A place in a scenario, as its problems name it. */
type Path = readonly (string | number)[];

/**
 * Finds the edits of scenarios that the API would refuse, on small worlds that it keeps: all that
 * an episode writes is written at once, in its order, and remedies and traps are tried on what that
 * leaves. What the API refuses because it is away or out of order is no mistake of the author's.
 */
export class EditRehearsal {
  readonly #worlds = new Map<string, Promise<Twin>>();
  readonly #heard = new WeakMap<Scenario, Set<string>>();

  /**
   * An {@link InputError} with the position of the first edit that is refused, or about a manifest
   * of the topology that is.
   */
  async play(episode: Episode, { spec, topology }: Described): Promise<void> {
    const { scenario } = episode;
    const world = await this.#world(scenario.topology, { spec, topology });
    if (!hasEdits(episode)) return;
    // Seeds that write the same things to the same places need no second rehearsal.
    const writers = [...episode.faults, ...episode.ambient].filter(writes);
    const written = writers.map(({ target, parameters, edits }) => {
      return [target, edits ?? [], parameters.config ?? parameters.tag ?? ''];
    });
    const key = JSON.stringify([written, episode.remedies, episode.traps]);
    const heard = this.#heard.get(scenario) ?? new Set<string>();
    if (heard.has(key)) return;
    this.#heard.set(scenario, heard.add(key));
    const twin = writers.length > 0 ? world.fork({ faults: 'keep', telemetry: false }) : world;
    const refused =
      (await beginAll(twin, episode)) ??
      (await tryAll(twin, episode, { list: 'remedies', topology })) ??
      (await tryAll(twin, episode, { list: 'traps', topology }));
    if (refused === null) return;
    const hint = 'an edit must be one that the API accepts at that time';
    throw scenarioProblem(scenario, refused.path, refused.why, hint);
  }

  #world(name: string, described: Described): Promise<Twin> {
    let world = this.#worlds.get(name);
    if (world === undefined) {
      world = raise(described);
      this.#worlds.set(name, world);
    }
    return world;
  }
}

/** A topology, as the twin and as an operator knows it. */
interface Described {
  readonly spec: TwinSpec;
  readonly topology: Topology;
}

async function raise({ spec, topology }: Described): Promise<Twin> {
  const workload = { ...spec.workload, happeningsPerHour: 0 };
  const options = { topology, seed: 1, startMs: 0, telemetry: false };
  const twin = createTwin({ spec: { ...spec, workload }, ...options });
  await twin.advance(tickMs);
  return twin;
}

function hasEdits({ faults, ambient, remedies, traps }: Episode): boolean {
  return (
    [...faults, ...ambient].some(({ edits }) => edits !== undefined) ||
    [...remedies, ...traps].some((treatment) => editsOf(treatment).length > 0)
  );
}

/**
 * Whether a happening changes what people declare; others have no edits to rehearse or to prepare.
 */
function writes({ kind, parameters, edits }: Fault): boolean {
  return edits !== undefined || kind === 'release' || parameters.config !== undefined;
}

interface Refusal {
  readonly path: Path;
  readonly why: string;
}

/** Begins all that writes, in the order of its starts. */
async function beginAll(twin: Twin, { faults, ambient }: Episode): Promise<Refusal | null> {
  const placed = (list: 'faults' | 'ambient', happenings: readonly Fault[]) =>
    happenings
      .map((fault, index) => ({ fault, path: [list, index] as const }))
      .filter(({ fault }) => writes(fault));
  const happenings = [...placed('ambient', ambient), ...placed('faults', faults)];
  happenings.sort((a, b) => a.fault.startMs - b.fault.startMs);
  for (const { fault, path } of happenings) {
    const refused =
      fault.edits === undefined
        ? await begin(twin, fault, path)
        : await writeAll(twin.cluster, fault.edits, (e) => [...path, 'edits', e]);
    if (refused) return refused;
  }
  return null;
}

/** Of an instant, since only what it writes at its beginning matters here. */
async function begin(twin: Twin, fault: Fault, path: Path): Promise<Refusal | null> {
  twin.schedule([{ ...fault, startMs: twin.nowMs, durationMs: null }]);
  try {
    await twin.advance(twin.nowMs + tickMs);
    return null;
  } catch (error) {
    if (error instanceof InputError) return { path, why: error.message };
    throw error;
  }
}

/** Tries each treatment by itself, without its waiting. */
async function tryAll(
  twin: Twin,
  episode: Episode,
  { list, topology }: { readonly list: 'remedies' | 'traps'; readonly topology: Topology },
): Promise<Refusal | null> {
  for (const [index, treatment] of episode[list].entries()) {
    const edits = editsOf(treatment);
    const steps = episode.scenario[list][index]?.steps ?? [];
    // Each template of an edit or a procedure has become one edit.
    const origins = [...steps.keys()].filter((s) => {
      const step = steps[s] ?? {};
      return !('wait' in step || 'action' in step);
    });
    const pathOf = (e: number): Path => [list, index, 'do', origins[e] ?? 0];
    const refused =
      treatment.steps.length > 1 && edits.length > 0
        ? await tryTogether(twin, treatment, { topology, pathOf })
        : await writeAll(dryRun(twin.cluster), edits, pathOf);
    if (refused) return refused;
  }
  return null;
}

/** A later edit may need what an earlier step has written. */
async function tryTogether(
  twin: Twin,
  { steps }: Treatment,
  { topology, pathOf }: { readonly topology: Topology; readonly pathOf: (edit: number) => Path },
): Promise<Refusal | null> {
  const copy = twin.fork({ faults: 'keep', telemetry: false });
  const executor = new Executor(copy.cluster, { nowMs: () => copy.nowMs, topology });
  let edit = 0;
  for (const step of steps) {
    if ('action' in step) await executor.execute(step.action);
    else if ('edit' in step) {
      const at = edit;
      const refused = await writeAll(copy.cluster, [step.edit], () => pathOf(at));
      if (refused) return refused;
      edit += 1;
    }
  }
  return null;
}

function editsOf({ steps }: Treatment): ObjectEdit[] {
  return steps.flatMap((step) => ('edit' in step ? [step.edit] : []));
}

/** A single edit leaves no trace that a second one could need. */
function dryRun(cluster: ClusterApi): ClusterApi {
  const dry = { ...person, dryRun: true };
  return {
    ...cluster,
    create: (object) => cluster.create(object, dry),
    patch: (ref, patch) => cluster.patch(ref, patch, dry),
    replace: (object) => cluster.replace(object, dry),
    remove: (ref) => cluster.remove(ref, dry),
  };
}

async function writeAll(
  cluster: ClusterApi,
  edits: readonly ObjectEdit[],
  pathOf: (edit: number) => Path,
): Promise<Refusal | null> {
  for (const [e, edit] of edits.entries()) {
    const result = await playEdit(cluster, edit, person);
    if (result.ok) continue;
    const { code = 500, message = 'refused' } = result.status;
    if (code < 500) return { path: pathOf(e), why: message };
  }
  return null;
}
