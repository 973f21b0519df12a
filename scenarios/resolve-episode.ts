import { componentName } from '../core/observable/index.ts';
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
import { findDeployment, releaseOf } from './manifests.ts';
import { checkStepTarget, resolveEdit, resolveStep } from './resolve-steps.ts';
import { scenarioProblem } from './scenario-problem.ts';
import { unknownPart } from './unknown-target.ts';

type List = 'faults' | 'ambient';

const worldSeeds = 2 ** 32;

/**
 * A scenario with its draws made. Every draw has a stream of its own, keyed by the position of the
 * fault, its targets, and the field, so that neither a new fault nor a new name of the
 * scenario moves another's numbers.
 */
export function resolveEpisode(scenario: Scenario, seed: number, topology: TwinSpec): Episode {
  const leadMs = roundFor('leadMs', valueAt(scenario.leadMs, ownShare(scenario, seed, 'leadMs')));
  const resolve = (list: List): Fault[] =>
    Array.from(scenario[list].keys(), (index) => {
      checkTargets(scenario, topology, list, index);
      const fault = withEdits(
        { scenario, topology, list, index },
        drawFault({ scenario, seed, list, index }),
      );
      checkTimes(scenario, fault, list, index);
      return { ...fault, startMs: leadMs + fault.startMs };
    });
  const faults = resolve('faults');
  checkRootCause(scenario);
  return {
    scenario,
    seed,
    worldSeed: Math.floor(ownShare(scenario, seed, 'worldSeed') * worldSeeds),
    faults,
    ambient: resolve('ambient'),
    remedies: resolveTreatments({ scenario, topology, faults }, 'remedies'),
    traps: resolveTreatments({ scenario, topology, faults }, 'traps'),
  };
}

/**
 * A uniform number of the scenario's own, keyed by all that happens in it: neither its name nor the
 * order of its faults may move it.
 */
function ownShare({ faults, ambient }: Scenario, seed: number, field: string): number {
  const what = [...faults, ...ambient].map(({ kind, targets }) => `${kind} ${targets.join(' ')}`);
  const key = hashText(what.toSorted().join('\n'));
  return createStream(seed, `scenario/${field}/${key}`).next();
}

/** An asserted root cause must be what the faults are injected into. */
function checkRootCause(scenario: Scenario): void {
  const { rootCause } = scenario.expect;
  const targets = scenario.faults.flatMap((fault) => fault.targets);
  if (rootCause === null || targets.includes(rootCause)) return;
  throw scenarioProblem(
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
    steps: steps.flatMap((step, s) => {
      const context = { topology, words };
      located(scenario, [list, index, 'do', s, 'target'], () => checkStepTarget(step, context));
      return located(scenario, [list, index, 'do', s], () => resolveStep(step, context, s + 1));
    }),
  }));
}

/** What `work` complains of, with the place in the scenario's file. */
function located<T>(scenario: Scenario, path: readonly (string | number)[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError && error.position === undefined) {
      throw scenarioProblem(scenario, path, error.message, error.hint);
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
      throw scenarioProblem(
        scenario,
        [list, index, 'target'],
        `unknown ${unknown.kind} "${unknown.name}" in topology ${topology.name}`,
        suggestNames(unknown.name, unknown.known),
      );
    }
    if (kind === 'release') checkTag(scenario, topology, [list, index], String(parameters.tag));
  }
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
    throw scenarioProblem(
      scenario,
      [...place, 'parameters', 'tag'],
      `expected a tag other than the one "${name}" runs already, got "${tag}"`,
      'a release must change the image',
    );
  }
}

function checkTimes(scenario: Scenario, fault: Fault, list: List, index: number): void {
  const afterLeadMs = scenario.durationMs - scenario.leadMs.high;
  const run = formatDuration(afterLeadMs);
  if (fault.startMs < 0 || fault.startMs >= afterLeadMs) {
    throw scenarioProblem(
      scenario,
      [list, index, 'start'],
      `must lie within the run (0 s to ${run}), got ${formatDuration(fault.startMs)}`,
    );
  }
  const endMs = fault.startMs + (fault.durationMs ?? 0);
  if (endMs > afterLeadMs) {
    throw scenarioProblem(
      scenario,
      [list, index, 'duration'],
      `must end within the run (${run}) or be until_end, got an end at ${formatDuration(endMs)}`,
    );
  }
}
