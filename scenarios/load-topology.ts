import {
  checkDocument,
  type Problem,
  parseYamlSource,
  suggestNames,
  throwProblems,
  UsageError,
  unknownNameError,
  type YamlPath,
  type YamlSource,
} from '../core/tools/index.ts';
import type {
  CallSpec,
  JourneySpec,
  NodeSpec,
  OperationSpec,
  Scenario,
  ServiceSpec,
  TwinSpec,
} from '../core/truth/index.ts';
import { findCallCycle } from './call-rates.ts';
import { generateTopology } from './generated/generate-topology.ts';
import { isGeneratedName, parseGeneratedName } from './generated/topology-name.ts';
import { findDeployment, readManifests } from './manifests.ts';
import type {
  CallDocument,
  OperationDocument,
  OverlayDocument,
  ServiceDocument,
} from './overlay-schema.ts';
import { overlaySchema } from './overlay-schema.ts';
import { readServices } from './read-services.ts';
import { displayPath, readTextFile } from './source-files.ts';
import {
  isTopologyFolder,
  listTopologies,
  type TopologyPaths,
  topologyPaths,
  topologyTitle,
} from './topology-files.ts';

/**
 * A topology by name, shipped or generated, or by the path of its folder. With `manifestsDir` its
 * Kubernetes objects come from there, unscaled, and the rate is the overlay's `otherManifests`;
 * `workload` overrides rate and daily swing.
 */
export function loadTopology(
  name: string,
  options: { manifestsDir?: string | undefined; workload?: Scenario['workload'] | undefined } = {},
): TwinSpec {
  if (isGeneratedName(name)) return loadGenerated(name, options);
  const known = listTopologies();
  if (!isTopologyFolder(name) && !known.includes(name)) {
    throw unknownNameError('topology', name, known);
  }
  const paths = topologyPaths(name);
  const { overlay, document, objects } = readHalves(paths);
  const manifestsDir = options.manifestsDir ?? paths.manifestsDir;
  const isOwn = options.manifestsDir === undefined;
  const spec = toSpec(topologyTitle(name), overlay, {
    objects: isOwn && objects ? objects : readManifests(manifestsDir),
    requestsPerSec: isOwn ? overlay.workload.requestsPerSec : overlay.otherManifests.requestsPerSec,
    overrides: options.workload ?? {},
  });
  throwProblems([
    ...findCycles(spec, document),
    ...findMissingDeployments(spec, document, manifestsDir),
  ]);
  return spec;
}

function loadGenerated(
  name: string,
  options: { manifestsDir?: string | undefined; workload?: Scenario['workload'] | undefined },
): TwinSpec {
  if (options.manifestsDir !== undefined) {
    throw new UsageError(
      `topology ${name} cannot take other manifests`,
      'its services are invented; use a shipped topology such as online_boutique',
    );
  }
  const spec = generateTopology({ name, ...parseGeneratedName(name) });
  return { ...spec, workload: { ...spec.workload, ...options.workload } };
}

/** Overlay and, where both halves are in one file, the objects. */
function readHalves(paths: TopologyPaths): {
  overlay: OverlayDocument;
  document: YamlSource;
  objects: TwinSpec['objects'] | null;
} {
  if (paths.services === null) return { ...readOverlay(paths.overlay), objects: null };
  const halves = readServices(paths.services);
  throwProblems(findDanglingNames(halves.overlay, halves.document));
  return halves;
}

/** An overlay file, its names checked against each other. */
export function readOverlay(path: string): { overlay: OverlayDocument; document: YamlSource } {
  const document = parseYamlSource(readTextFile(path), displayPath(path));
  const overlay = checkDocument(document, overlaySchema, 'docs/scenario-format.md');
  throwProblems(findDanglingNames(overlay, document));
  return { overlay, document };
}

function toSpec(
  name: string,
  overlay: OverlayDocument,
  given: {
    objects: TwinSpec['objects'];
    requestsPerSec: number;
    overrides: Scenario['workload'];
  },
): TwinSpec {
  const { network, workload } = overlay;
  return {
    name,
    objects: given.objects,
    nodes: toNodes(overlay),
    services: Object.entries(overlay.services).map(([key, service]) => toService(key, service)),
    journeys: toJourneys(overlay),
    workload: {
      ...workload,
      requestsPerSec: given.requestsPerSec,
      ...given.overrides,
      recording: null,
    },
    network: { sameZoneMs: network.sameZone, crossZoneMs: network.crossZone },
  };
}

function toNodes({ region, zones, node }: OverlayDocument): NodeSpec[] {
  return Object.entries(zones).flatMap(([zone, names]) =>
    names.map((name) => ({
      name,
      zone,
      region,
      cpuCores: node.cpuCores,
      memoryBytes: node.memory,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': zone,
      },
    })),
  );
}

function toService(name: string, service: ServiceDocument): ServiceSpec {
  return {
    name,
    namespace: service.namespace,
    kind: service.kind,
    workload: service.workload ?? name,
    startupMs: service.startup,
    coldFactor: service.cold.factor,
    coldMs: service.cold.decay,
    concurrencyMax: service.concurrencyMax,
    ...(service.threading === undefined ? {} : { threading: service.threading }),
    memory: { baseBytes: service.memory.base, perInFlightBytes: service.memory.perInFlight },
    operations: Object.entries(service.operations).map(([key, value]) => toOperation(key, value)),
  };
}

function toOperation(name: string, operation: OperationDocument): OperationSpec {
  const { cpu, wait, statement, calls, ...others } = operation;
  return {
    name,
    cpuMs: cpu,
    waitMs: wait,
    ...others,
    statement: statement ?? null,
    calls: calls.map(toCall),
  };
}

function toCall({ to, timeout, backoff, retryBudget, pool, ...call }: CallDocument): CallSpec {
  return {
    ...splitTarget(to),
    timeoutMs: timeout,
    ...call,
    ...(backoff === undefined ? {} : { backoffMs: backoff }),
    ...(retryBudget === undefined ? {} : { retryBudget }),
    ...(pool === undefined ? {} : { poolSize: pool }),
  };
}

function toJourneys({ journeys }: OverlayDocument): JourneySpec[] {
  return Object.entries(journeys).map(([name, journey]) => ({
    name,
    ...splitTarget(journey.entry),
    weight: journey.weight,
    latencySloMs: journey.latencySlo,
    timeoutMs: journey.timeout,
    retries: journey.retries,
    itemType: journey.itemType ?? null,
  }));
}

/** `service/operation`; only the first slash divides, since HTTP operations contain more. */
function splitTarget(target: string): { service: string; operation: string } {
  const at = target.indexOf('/');
  return { service: target.slice(0, at), operation: target.slice(at + 1) };
}

/** Calls and journeys that lead to a service or operation the overlay does not have. */
function findDanglingNames(overlay: OverlayDocument, document: YamlSource): Problem[] {
  const problems: Problem[] = [];
  const check = (path: YamlPath, target: string): void => {
    const { service, operation } = splitTarget(target);
    const found = overlay.services[service];
    if (found && Object.hasOwn(found.operations, operation)) return;
    const what = found ? `operation "${operation}" of ${service}` : `service "${service}"`;
    const advice = found
      ? suggestNames(operation, Object.keys(found.operations))
      : suggestNames(service, Object.keys(overlay.services));
    const message = `unknown ${what} (${advice})`;
    problems.push({ position: document.positionOf(path), message });
  };
  for (const [name, service] of Object.entries(overlay.services)) {
    for (const [key, { calls }] of Object.entries(service.operations)) {
      calls.forEach((call, index) => {
        check(['services', name, 'operations', key, 'calls', index, 'to'], call.to);
      });
    }
  }
  for (const [name, journey] of Object.entries(overlay.journeys)) {
    check(['journeys', name, 'entry'], journey.entry);
  }
  return problems;
}

function findCycles(spec: TwinSpec, document: YamlSource): Problem[] {
  const cycle = findCallCycle(spec);
  if (!cycle) return [];
  return [
    {
      position: document.positionOf(['services']),
      message: `services: calls go round in a circle: ${cycle.join(' -> ')}`,
      hint: 'a request must come to an end: remove one of these calls',
    },
  ];
}

function findMissingDeployments(spec: TwinSpec, document: YamlSource, dir: string): Problem[] {
  return spec.services
    .filter((service) => !findDeployment(spec.objects, service))
    .map(({ name, namespace, workload }) => ({
      position: document.keyPositionOf(['services', name]),
      message:
        `service "${name}" needs Deployment "${workload}" in namespace ${namespace}, ` +
        `which ${displayPath(dir)} does not have`,
      hint: 'add the Deployment to the manifests, or name it in the overlay as `workload:`',
    }));
}
