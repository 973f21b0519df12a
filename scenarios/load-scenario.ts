import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scrapeIntervalMs } from '../core/observable/index.ts';
import type { YamlSource } from '../core/tools/index.ts';
import {
  checkDocument,
  formatDuration,
  nearestNames,
  type Problem,
  parseYamlSource,
  sha256,
  suggestNames,
  throwProblems,
  UsageError,
} from '../core/tools/index.ts';
import type { Expectation, FaultTemplate, Range, Scenario } from '../core/truth/index.ts';
import { nodeComponents } from '../core/truth/index.ts';
import { type FaultDocument, type ScenarioDocument, scenarioSchema } from './scenario-schema.ts';
import { displayPath, readTextFile } from './source-files.ts';
import { isTopology, listTopologies, resolveTopologyName } from './topology-files.ts';

const catalogueDir = fileURLToPath(new URL('./catalogue/', import.meta.url));
const formatPage = 'docs/scenario-format.md';
const dayMs = 24 * 60 * 60_000;
const runLimitMs = 31 * dayMs;
const warmUpLimitMs = 7 * dayMs;
const defaults = { availability: 0.99, recoveryMs: 300_000 } as const;

/** Where scenarios were read from, for errors that only show once the topology is known. */
const sources = new WeakMap<Scenario, YamlSource>();

/** The YAML document a scenario came from; undefined for one built or copied in memory. */
export function sourceOf(scenario: Scenario): YamlSource | undefined {
  return sources.get(scenario);
}

/** The shipped scenarios, sorted by id. */
export function listScenarios(): readonly Scenario[] {
  return scenarioIds().map((id) => readScenario(cataloguePath(id)));
}

/** A shipped scenario by its id, or one's own by a path that ends in .yaml or .yml. */
export function loadScenario(idOrPath: string): Scenario {
  if (/\.ya?ml$/.test(idOrPath)) return readScenario(idOrPath);
  const ids = scenarioIds();
  if (ids.includes(idOrPath)) return readScenario(cataloguePath(idOrPath));
  const near = nearestNames(idOrPath, ids);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : 'npm run scenario -- --list shows all; a file of your own is a path that ends in .yaml';
  throw new UsageError(`unknown scenario ${JSON.stringify(idOrPath)}`, hint);
}

/** The ids of the shipped scenarios, sorted. */
export function scenarioIds(): readonly string[] {
  return readdirSync(catalogueDir)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

function cataloguePath(id: string): string {
  return join(catalogueDir, `${id}.yaml`);
}

function readScenario(path: string): Scenario {
  const text = readTextFile(path);
  const document = parseYamlSource(text, displayPath(path));
  const written = checkDocument(document, scenarioSchema, formatPage);
  const content = { ...written, topology: resolveTopologyName(written.topology, path) };
  throwProblems(findContradictions(content, document, basename(path).replace(/\.ya?ml$/, '')));
  const scenario = toScenario(content, sha256(text));
  sources.set(scenario, document);
  return scenario;
}

/** What no field can see alone: ids, times against the run, endings against faults, limits. */
function findContradictions(
  content: ScenarioDocument,
  document: YamlSource,
  fileName: string,
): Problem[] {
  const problems: Problem[] = [];
  const report = (path: (string | number)[], message: string, hint?: string): void => {
    problems.push({ position: document.positionOf(path), message, hint });
  };
  if (content.id !== fileName) {
    report(['id'], `id: expected the file's name "${fileName}", got "${content.id}"`);
  }
  if (!isTopology(content.topology)) {
    const hint = suggestNames(content.topology, listTopologies());
    report(['topology'], `topology: unknown topology "${content.topology}" (${hint})`);
  }
  // Detectors see whole scrapes, so the warm-up is made of them.
  if (content.warmUp % scrapeIntervalMs !== 0) {
    const got = formatDuration(content.warmUp);
    report(['warmUp'], `warmUp: expected a multiple of 15s, the scrape interval, got ${got}`);
  }
  problems.push(...findTooLong(content, document));
  if ((content.ends === 'healthy') !== (content.faults.length === 0)) {
    const faults = content.faults.length === 0 ? 'no faults' : `${content.faults.length} faults`;
    report(
      ['ends'],
      `ends: expected healthy exactly when there are no faults, got ${content.ends} and ${faults}`,
    );
  }
  for (const list of ['faults', 'ambient'] as const) {
    content[list].forEach((fault, index) => {
      problems.push(...findTimeProblems(content, fault, [list, index], document));
    });
  }
  problems.push(...findLaxLimits(content, document));
  return problems;
}

/** Times that nobody means and no machine plays to the end. */
function findTooLong(
  { warmUp, lead, duration }: ScenarioDocument,
  document: YamlSource,
): Problem[] {
  const problem = (field: string, limitMs: number, gotMs: number): Problem[] => {
    if (gotMs <= limitMs) return [];
    const limit = field === 'duration' ? 'days or less with its lead' : 'days or less';
    const message = `${field}: expected ${limitMs / dayMs} ${limit}, got ${formatDuration(gotMs)}`;
    return [{ position: document.positionOf([field]), message }];
  };
  return [
    ...problem('warmUp', warmUpLimitMs, warmUp),
    ...problem('duration', runLimitMs, lead.high + duration),
  ];
}

function findTimeProblems(
  content: ScenarioDocument,
  fault: FaultDocument,
  at: readonly [string, number],
  document: YamlSource,
): Problem[] {
  const [list, index] = at;
  const where = `${list}[${index}]`;
  const problem = (field: string, message: string): Problem[] => [
    {
      position: document.positionOf([list, index, field]),
      message: `${where}.${field}: ${message}`,
    },
  ];
  const { target } = fault;
  if (typeof target === 'object' && 'with' in target && !(target.with < index)) {
    return problem('target', `expected the index of an earlier fault, got ${target.with}`);
  }
  const misplaced = findMisplacedComponent(fault);
  if (misplaced !== null) return problem('target', misplaced);
  if ('with' in fault.start && !(fault.start.with < index)) {
    return problem('start', `expected the index of an earlier fault, got ${fault.start.with}`);
  }
  const start = startRange(content.faults, fault);
  const run = formatDuration(content.duration);
  if (start.high >= content.duration) {
    return problem(
      'start',
      `must lie before the run ends (${run}), got ${formatDuration(start.high)}`,
    );
  }
  if (fault.duration !== 'until_end' && start.high + fault.duration.high > content.duration) {
    const end = formatDuration(start.high + fault.duration.high);
    return problem(
      'duration',
      `must end within the run (${run}) or be until_end, got an end at ${end}`,
    );
  }
  return [];
}

/** Parts of nodes stop on nodes, those of the cluster at its configuration. */
function findMisplacedComponent({ kind, target, parameters }: FaultDocument): string | null {
  if (kind !== 'component_down') return null;
  const component = String(parameters.component);
  const prefix = nodeComponents.some((name) => name === component) ? 'node/' : 'config/';
  const targets =
    typeof target === 'string' ? [target] : 'oneOf' in target ? (target.oneOf as string[]) : [];
  const wrong = targets.find((name) => !name.startsWith(prefix));
  return wrong === undefined ? null : `${component} needs a target ${prefix}…, got ${wrong}`;
}

function findLaxLimits(content: ScenarioDocument, document: YamlSource): Problem[] {
  const { expect } = content;
  if (expect.why !== undefined) return [];
  const healthy = content.ends === 'healthy';
  const lax: [keyof typeof expect, boolean, string][] = [
    [
      'availability',
      (expect.availability ?? 1) < defaults.availability,
      `${defaults.availability}`,
    ],
    ['recovery', (expect.recovery ?? 0) > defaults.recoveryMs, '300s'],
    ['incidents', healthy && (expect.incidents ?? 0) > 0, '0'],
    ['actions', healthy && (expect.actions ?? 0) > 0, '0'],
  ];
  return lax
    .filter(([, isLax]) => isLax)
    .map(([field, , limit]) => ({
      position: document.positionOf(['expect', field]),
      message: `expect.${field}: a limit laxer than the default (${limit}) needs expect.why`,
      hint: 'say in expect.why what doing nothing and the best plan reach, measured',
    }));
}

/** The start of a fault, followed through `with`. */
function startRange(faults: readonly FaultDocument[], fault: FaultDocument): Range {
  let { start } = fault;
  while ('with' in start) start = (faults[start.with] as FaultDocument).start;
  return start;
}

/** The index of the fault whose start this one shares; its own where it shares none. */
function startLeader(faults: readonly FaultDocument[], index: number): number {
  const { start } = faults[index] as FaultDocument;
  return 'with' in start ? startLeader(faults, start.with) : index;
}

function toScenario(content: ScenarioDocument, sourceHash: string): Scenario {
  const { faults } = content;
  const leaders = faults.map((_, index) => startLeader(faults, index));
  const isShared = (leader: number): boolean => leaders.filter((l) => l === leader).length > 1;
  return {
    id: content.id,
    version: content.version,
    title: content.title,
    description: content.description.trim(),
    topology: content.topology,
    warmUpMs: content.warmUp,
    leadMs: content.lead,
    durationMs: content.lead.high + content.duration,
    ends: content.ends,
    faults: faults.map((fault, index) => {
      const leader = leaders[index] as number;
      return toTemplate(faults, fault, isShared(leader) ? `with ${leader}` : null);
    }),
    ambient: content.ambient.map((fault) => toTemplate(content.ambient, fault, null)),
    expect: toExpectation(content),
    remedies: content.remedies,
    traps: content.traps,
    about: content.about ?? null,
    selfTest: content.selfTest
      ? { horizonMs: content.selfTest.horizon, why: content.selfTest.why }
      : null,
    workload: withoutAbsent(content.workload),
    sourceHash,
  };
}

function toTemplate(
  faults: readonly FaultDocument[],
  fault: FaultDocument,
  startGroup: string | null,
): FaultTemplate {
  const { target } = fault;
  const isShared = typeof target === 'object' && 'with' in target;
  return {
    kind: fault.kind,
    targets: targetsOf(faults, fault),
    targetOf: isShared ? target.with : null,
    startMs: startRange(faults, fault),
    startGroup,
    durationMs: fault.duration === 'until_end' ? null : fault.duration,
    parameters: fault.parameters,
    edits: fault.edits ?? [],
    faultClass: fault.faultClass ?? null,
  };
}

/** The targets a fault may have, followed through `with`. */
function targetsOf(faults: readonly FaultDocument[], { target }: FaultDocument): readonly string[] {
  if (typeof target === 'string') return [target];
  return 'oneOf' in target ? target.oneOf : targetsOf(faults, faults[target.with] as FaultDocument);
}

function toExpectation({ expect, ends }: ScenarioDocument): Expectation {
  const unlimited = ends === 'healthy' ? 0 : null;
  return {
    availabilityMin: expect.availability ?? defaults.availability,
    recoveryMaxMs: expect.recovery ?? defaults.recoveryMs,
    incidentsMax: expect.incidents ?? unlimited,
    actionsMax: expect.actions ?? unlimited,
    rootCause: expect.rootCause ?? null,
    why: expect.why ?? null,
  };
}

function withoutAbsent(workload: ScenarioDocument['workload']): Scenario['workload'] {
  const { requestsPerSec, dailySwing } = workload;
  return {
    ...(requestsPerSec === undefined ? {} : { requestsPerSec }),
    ...(dailySwing === undefined ? {} : { dailySwing }),
  };
}
