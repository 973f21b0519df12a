import { type KindMap, type KubernetesObject, zonesOf } from '../core/observable/index.ts';
import { renderDuration, renderYaml } from '../core/tools/index.ts';
import type { CallSpec, OperationSpec, ServiceSpec, TwinSpec } from '../core/truth/index.ts';
import { describeTopology } from './describe-topology.ts';

/** The files of a topology folder, by their path in it. */
export type TopologyFiles = Readonly<Record<'overlay.yaml' | 'manifests/objects.yaml', string>>;

/**
 * A spec as the two halves of a topology folder, which `loadTopology` reads back as it was. `head`
 * are comment lines; `otherManifestsPerSec` is the request rate for somebody else's manifests.
 * Nodes are taken to be alike: the first one's size is written.
 */
export function renderTopology(
  spec: TwinSpec,
  given: { readonly head: readonly string[]; readonly otherManifestsPerSec: number },
): TopologyFiles {
  const comment = given.head.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('');
  const overlay = renderYaml(overlayOf(spec, given.otherManifestsPerSec));
  return {
    'overlay.yaml': `${comment}\n${overlay}`,
    'manifests/objects.yaml': renderObjects(spec.objects),
  };
}

/** What `kubectl get nodes` and the objects behind a spec would say, as one YAML stream. */
export function renderCluster(spec: TwinSpec): string {
  const nodes = spec.nodes.map(({ name, labels, cpuCores, memoryBytes }): KindMap['Node'] => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...labels } },
    status: { capacity: { cpu: `${cpuCores}`, memory: memoryText(memoryBytes) } },
  }));
  return renderObjects([...nodes, ...spec.objects]);
}

function renderObjects(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => `---\n${renderYaml(object)}`).join('');
}

function overlayOf(spec: TwinSpec, otherManifestsPerSec: number): object {
  const { nodes } = describeTopology(spec);
  const [first] = spec.nodes;
  const { recording: _, ...workload } = spec.workload;
  return {
    region: first?.region,
    zones: Object.fromEntries(
      zonesOf(describeTopology(spec)).map((zone) => {
        return [zone, nodes.filter((node) => node.zone === zone).map(({ name }) => name)];
      }),
    ),
    node: { cpuCores: first?.cpuCores, memory: memoryText(first?.memoryBytes ?? 0) },
    network: {
      sameZone: timeText(spec.network.sameZoneMs),
      crossZone: timeText(spec.network.crossZoneMs),
    },
    workload,
    otherManifests: { requestsPerSec: otherManifestsPerSec },
    journeys: Object.fromEntries(
      spec.journeys.map(({ name, service, operation, ...journey }) => [
        name,
        {
          entry: `${service}/${operation}`,
          weight: journey.weight,
          latencySlo: renderDuration(journey.latencySloMs),
          timeout: renderDuration(journey.timeoutMs),
          retries: journey.retries,
          ...(journey.itemType === null ? {} : { itemType: journey.itemType }),
        },
      ]),
    ),
    services: Object.fromEntries(spec.services.map((service) => [service.name, toEntry(service)])),
  };
}

function toEntry(service: ServiceSpec): object {
  const { baseBytes, perInFlightBytes } = service.memory;
  return {
    namespace: service.namespace,
    kind: service.kind,
    workload: service.workload,
    startup: renderDuration(service.startupMs),
    cold: { factor: service.coldFactor, decay: renderDuration(service.coldMs) },
    concurrencyMax: service.concurrencyMax,
    ...(service.threading === undefined ? {} : { threading: service.threading }),
    memory: { base: memoryText(baseBytes), perInFlight: memoryText(perInFlightBytes) },
    operations: Object.fromEntries(service.operations.map((one) => [one.name, toOperation(one)])),
  };
}

function toOperation({
  name: _,
  cpuMs,
  waitMs,
  calls,
  statement,
  ...others
}: OperationSpec): object {
  return {
    cpu: timeText(cpuMs),
    wait: timeText(waitMs),
    ...others,
    ...(statement === null ? {} : { statement }),
    ...(calls.length === 0 ? {} : { calls: calls.map(toCall) }),
  };
}

function toCall(call: CallSpec): object {
  const { service, operation, timeoutMs, backoffMs, poolSize, ...others } = call;
  return {
    to: `${service}/${operation}`,
    timeout: timeText(timeoutMs),
    ...others,
    ...(backoffMs === undefined ? {} : { backoff: timeText(backoffMs) }),
    ...(poolSize === undefined ? {} : { pool: poolSize }),
  };
}

/** Six decimals of a millisecond are a nanosecond; no exponents, which the reader has not. */
function timeText(ms: number): string {
  const digits = ms.toFixed(6);
  return `${digits.replace(/\.?0+$/, '')}ms`;
}

function memoryText(bytes: number): string {
  const whole = Math.round(bytes / 1024);
  return whole % 1024 === 0 ? `${whole / 1024}Mi` : `${whole}Ki`;
}
