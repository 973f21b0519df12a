import { type ComponentId, componentKind, componentName } from '../core/observable/index.ts';
import {
  createStream,
  formatDuration,
  hashText,
  InputError,
  suggestNames,
} from '../core/tools/index.ts';
import type {
  Episode,
  Fault,
  FaultTemplate,
  Range,
  Scenario,
  Treatment,
  TwinSpec,
} from '../core/truth/index.ts';
import { placeholdersOf } from './fill-template.ts';
import { sourceOf } from './load-scenario.ts';
import { findDeployment, releaseOf } from './manifests.ts';
import { resolveEdit, resolveStep } from './resolve-steps.ts';

type List = 'faults' | 'ambient';

/**
 * A scenario with its draws made. Every draw has a stream of its own, keyed by the position of the
 * fault, its targets, and the field, so that neither a new fault nor a new name of the
 * scenario moves another's numbers.
 */
export function resolveEpisode(scenario: Scenario, seed: number, topology: TwinSpec): Episode {
  const resolve = (list: List): Fault[] =>
    Array.from(scenario[list].keys(), (index) => {
      checkTargets(scenario, topology, list, index);
      const fault = withEdits(
        { scenario, topology, list, index },
        drawFault({ scenario, seed, list, index }),
      );
      checkTimes(scenario, fault, list, index);
      return fault;
    });
  const faults = resolve('faults');
  checkRootCause(scenario);
  return {
    scenario,
    seed,
    faults,
    ambient: resolve('ambient'),
    remedies: resolveTreatments({ scenario, topology, faults }, 'remedies'),
    traps: resolveTreatments({ scenario, topology, faults }, 'traps'),
  };
}

/** An asserted root cause must be what the faults are injected into. */
function checkRootCause(scenario: Scenario): void {
  const { rootCause } = scenario.expect;
  const targets = scenario.faults.flatMap((fault) => fault.targets);
  if (rootCause === null || targets.includes(rootCause)) return;
  throw problem(
    scenario,
    ['expect', 'rootCause'],
    `expected one of the faults' targets (${targets.join(', ') || 'there are none'}), got "${rootCause}"`,
    'name the target of a fault, or leave rootCause out',
  );
}

interface Place {
  readonly scenario: Scenario;
  readonly list: List;
  readonly index: number;
}

function drawFault({ scenario, seed, list, index }: Place & { readonly seed: number }): Fault {
  const templates = scenario[list];
  const template = templates[index] as FaultTemplate;
  const { startGroup, durationMs } = template;
  const leader =
    startGroup === null ? index : templates.findIndex((other) => other.startGroup === startGroup);
  const share = (owner: number, field: string): number => {
    const { targets } = templates[owner] as FaultTemplate;
    // Scenarios of one seed would otherwise share their starts and picks.
    const what = hashText(targets.join(' '));
    const position = list === 'faults' ? `${owner}/${what}` : `ambient/${owner}/${what}`;
    return createStream(seed, `scenario/${position}/${field}`).next();
  };
  const draw = (owner: number, field: string, range: Range): number =>
    roundFor(field, valueAt(range, share(owner, field)));
  const choose = (owner: number, field: string, texts: readonly string[]): string =>
    texts[Math.min(texts.length - 1, Math.floor(share(owner, field) * texts.length))] as string;
  const parameters = Object.entries(template.parameters).map(([name, value]) => {
    if (typeof value === 'string') return [name, value] as const;
    if ('oneOf' in value) return [name, choose(index, name, value.oneOf)] as const;
    return [name, draw(index, name, value)] as const;
  });
  return {
    kind: template.kind,
    target: choose(targetOwner(templates, index), 'target', template.targets),
    startMs: draw(leader, 'startMs', (templates[leader] as FaultTemplate).startMs),
    durationMs: durationMs === null ? null : draw(index, 'durationMs', durationMs),
    parameters: Object.fromEntries(parameters),
    faultClass: template.faultClass,
  };
}

/** The fault whose draw decides the target. */
function targetOwner(templates: readonly FaultTemplate[], index: number): number {
  const owner = templates[index]?.targetOf ?? null;
  return owner === null ? index : targetOwner(templates, owner);
}

function valueAt({ low, high, scale }: Range, share: number): number {
  if (scale !== 'log') return low + (high - low) * share;
  return low * Math.exp(share * Math.log(high / low));
}

type PlaceInTopology = Place & { readonly topology: TwinSpec };

/** The fault with the API calls of its seed, if its kind has any. */
function withEdits({ scenario, topology, list, index }: PlaceInTopology, fault: Fault): Fault {
  const { edits } = scenario[list][index] as FaultTemplate;
  if (edits.length === 0) return fault;
  const words = { ...placeholdersOf(fault.target, topology), ...fault.parameters };
  return {
    ...fault,
    edits: edits.map((edit, e) =>
      located(scenario, [list, index, 'edits', e], () => resolveEdit(edit, { topology, words })),
    ),
  };
}

interface ResolvedFaults {
  readonly scenario: Scenario;
  readonly topology: TwinSpec;
  readonly faults: readonly Fault[];
}

/** `$name` is of the first fault, `${1.name}` of the second. */
function resolveTreatments(
  { scenario, topology, faults }: ResolvedFaults,
  list: 'remedies' | 'traps',
): Treatment[] {
  const each = faults.map((fault) => ({
    ...placeholdersOf(fault.target, topology),
    ...fault.parameters,
  }));
  const numbered = each.flatMap((words, index) =>
    Object.entries(words).map(([name, word]) => [`${index}.${name}`, word] as const),
  );
  const words = { ...Object.fromEntries(numbered), ...each[0] };
  return scenario[list].map(({ id, why, steps }, index) => ({
    id,
    why,
    steps: steps.flatMap((step, s) =>
      located(scenario, [list, index, 'do', s], () =>
        resolveStep(step, { topology, words }, s + 1),
      ),
    ),
  }));
}

/** What `work` complains of, with the place in the scenario's file. */
function located<T>(scenario: Scenario, path: readonly (string | number)[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError && error.position === undefined) {
      throw problem(scenario, path, error.message, error.hint);
    }
    throw error;
  }
}

/** Times to whole ms, amounts to whole bytes, ratios and factors to a thousandth. */
function roundFor(field: string, value: number): number {
  if (/(Ms|Bytes|BytesPerSec)$/.test(field)) return Math.round(value);
  return Math.round(value * 1000) / 1000;
}

function checkTargets(scenario: Scenario, topology: TwinSpec, list: List, index: number): void {
  const { kind, targets, parameters } = scenario[list][index] as FaultTemplate;
  for (const target of targets) {
    const unknown = unknownPart(topology, target);
    if (unknown) {
      throw problem(
        scenario,
        [list, index, 'target'],
        `unknown ${unknown.kind} "${unknown.name}" in topology ${topology.name}`,
        suggestNames(unknown.name, unknown.known),
      );
    }
    if (kind === 'release') checkTag(scenario, topology, [list, index], String(parameters.tag));
  }
}

/** The part of a target that the topology does not know; null when it knows all. */
function unknownPart(
  topology: TwinSpec,
  target: ComponentId,
): { kind: string; name: string; known: string[] } | null {
  const kind = componentKind(target);
  const name = componentName(target);
  if (target === 'telemetry/*') return null;
  if (kind === 'config' || kind === 'volume' || kind === 'external') return null;
  const known = targetsOf(topology, kind);
  const parts = kind === 'edge' ? name.split('->') : [name];
  const missing = parts.find((part) => !known.includes(part));
  if (missing === undefined) return null;
  const words: Partial<Record<string, string>> = { user: 'journey', edge: 'service' };
  return { kind: words[kind] ?? kind, name: missing, known };
}

function checkTag(
  scenario: Scenario,
  topology: TwinSpec,
  place: readonly [List, number],
  tag: string,
): void {
  const { targets } = scenario[place[0]][place[1]] as FaultTemplate;
  for (const name of targets.map(componentName)) {
    const service = topology.services.find((entry) => entry.name === name);
    const deployment = service && findDeployment(topology.objects, service);
    if (!deployment || releaseOf(deployment) !== tag) continue;
    throw problem(
      scenario,
      [...place, 'parameters', 'tag'],
      `expected a tag other than the one "${name}" runs already, got "${tag}"`,
      'a release must change the image',
    );
  }
}

function targetsOf(topology: TwinSpec, kind: string): string[] {
  switch (kind) {
    case 'zone':
      return [...new Set(topology.nodes.map(({ zone }) => zone))];
    case 'node':
      return topology.nodes.map(({ name }) => name);
    case 'user':
      return ['*', ...topology.journeys.map(({ name }) => name)];
    default:
      return topology.services.map(({ name }) => name);
  }
}

function checkTimes(scenario: Scenario, fault: Fault, list: List, index: number): void {
  const run = formatDuration(scenario.durationMs);
  if (fault.startMs < 0 || fault.startMs >= scenario.durationMs) {
    throw problem(
      scenario,
      [list, index, 'start'],
      `must lie within the run (0 s to ${run}), got ${formatDuration(fault.startMs)}`,
    );
  }
  const endMs = fault.startMs + (fault.durationMs ?? 0);
  if (endMs > scenario.durationMs) {
    throw problem(
      scenario,
      [list, index, 'duration'],
      `must end within the run (${run}) or be until_end, got an end at ${formatDuration(endMs)}`,
    );
  }
}

function problem(
  scenario: Scenario,
  path: readonly (string | number)[],
  message: string,
  hint?: string,
): InputError {
  const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  const position = sourceOf(scenario)?.positionOf(path);
  const prefix = position ? '' : `scenario ${scenario.id}: `;
  return new InputError(`${prefix}${where.slice(1)}: ${message}`, {
    ...(position ? { position } : {}),
    ...(hint ? { hint } : {}),
  });
}
