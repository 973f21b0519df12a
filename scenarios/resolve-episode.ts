import { componentKind, componentName } from '../core/observable/index.ts';
import { createStream, formatDuration, InputError, suggestNames } from '../core/tools/index.ts';
import type {
  Episode,
  Fault,
  FaultTemplate,
  Range,
  Scenario,
  TwinSpec,
} from '../core/truth/index.ts';
import { sourceOf } from './load-scenario.ts';
import { findDeployment, releaseOf } from './manifests.ts';

type List = 'faults' | 'ambient';

/**
 * A scenario with its draws made. Every draw has a stream of its own, keyed by the position of the
 * fault and the field, so that neither a new fault nor a new name moves another's numbers.
 */
export function resolveEpisode(scenario: Scenario, seed: number, topology: TwinSpec): Episode {
  const resolve = (list: List): Fault[] =>
    Array.from(scenario[list].keys(), (index) => {
      checkTarget(scenario, topology, list, index);
      const fault = drawFault(scenario, seed, list, index);
      checkTimes(scenario, fault, list, index);
      return fault;
    });
  const episode = { scenario, seed, faults: resolve('faults'), ambient: resolve('ambient') };
  checkRootCause(scenario);
  return episode;
}

/** An asserted root cause must be what the faults are injected into. */
function checkRootCause(scenario: Scenario): void {
  const { rootCause } = scenario.expect;
  const targets = scenario.faults.map(({ target }) => target);
  if (rootCause === null || targets.includes(rootCause)) return;
  throw problem(
    scenario,
    ['expect', 'rootCause'],
    `expected one of the faults' targets (${targets.join(', ') || 'there are none'}), got "${rootCause}"`,
    'name the target of a fault, or leave rootCause out',
  );
}

function drawFault(scenario: Scenario, seed: number, list: List, index: number): Fault {
  const templates = scenario[list];
  const template = templates[index] as FaultTemplate;
  const { startGroup, durationMs } = template;
  const leader =
    startGroup === null ? index : templates.findIndex((other) => other.startGroup === startGroup);
  const draw = (owner: number, field: string, range: Range): number => {
    const position = list === 'faults' ? `${owner}` : `ambient/${owner}`;
    const share = createStream(seed, `scenario/${position}/${field}`).next();
    return roundFor(field, range.low + (range.high - range.low) * share);
  };
  const parameters = Object.entries(template.parameters).map(([name, value]) => {
    return [name, typeof value === 'string' ? value : draw(index, name, value)] as const;
  });
  return {
    kind: template.kind,
    target: template.target,
    startMs: draw(leader, 'startMs', (templates[leader] as FaultTemplate).startMs),
    durationMs: durationMs === null ? null : draw(index, 'durationMs', durationMs),
    parameters: Object.fromEntries(parameters),
    faultClass: template.faultClass,
  };
}

/** Times to whole ms, amounts to whole bytes, ratios and factors to a thousandth. */
function roundFor(field: string, value: number): number {
  if (/(Ms|Bytes|BytesPerSec)$/.test(field)) return Math.round(value);
  return Math.round(value * 1000) / 1000;
}

function checkTarget(scenario: Scenario, topology: TwinSpec, list: List, index: number): void {
  const { kind, target, parameters } = scenario[list][index] as FaultTemplate;
  const wanted = componentName(target);
  const known = targetsOf(topology, componentKind(target));
  if (!known.includes(wanted)) {
    const what = `unknown ${componentKind(target) === 'user' ? 'journey' : componentKind(target)}`;
    throw problem(
      scenario,
      [list, index, 'target'],
      `${what} "${wanted}" in topology ${topology.name}`,
      suggestNames(wanted, known),
    );
  }
  if (kind !== 'release') return;
  const service = topology.services.find(({ name }) => name === wanted);
  const deployment = service && findDeployment(topology.objects, service);
  if (deployment && releaseOf(deployment) === parameters.tag) {
    throw problem(
      scenario,
      [list, index, 'parameters', 'tag'],
      `expected a tag other than the one "${wanted}" runs already, got "${parameters.tag}"`,
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
