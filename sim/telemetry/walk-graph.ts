import type { KindMap } from '../../core/observable/index.ts';
import { assert } from '../../core/tools/index.ts';
import type {
  CallSpec,
  JourneySpec,
  OperationSpec,
  ServiceSpec,
  TwinSpec,
} from '../../core/truth/index.ts';

type Attributes = Readonly<Record<string, string | number>>;

/** An operation with all names resolved and all constant text made, so that a walk only follows. */
export interface WalkOperation {
  readonly service: WalkService;
  readonly spec: OperationSpec;
  /** Position among its service's operations. */
  readonly position: number;
  readonly calls: readonly WalkCall[];
  readonly serverAttributes: Attributes;
}

export interface WalkService {
  readonly spec: ServiceSpec;
  /** Position among all services. */
  readonly position: number;
  readonly port: number;
  readonly operations: readonly WalkOperation[];
}

export interface WalkCall {
  readonly spec: CallSpec;
  readonly target: WalkOperation;
  /** Its number among all calls, in the order of the spec. */
  readonly link: number;
  readonly clientAttributes: Attributes;
}

export interface WalkJourney {
  readonly spec: JourneySpec;
  /** Its number behind those of all calls. */
  readonly link: number;
  readonly operation: WalkOperation;
}

/** The call graph of a spec, journeys in spec order. */
export function compileCallGraph(spec: TwinSpec): readonly WalkJourney[] {
  const services = spec.services.map((service, position): WalkService => {
    const operations: WalkOperation[] = [];
    return { spec: service, position, port: portOf(spec, service.name), operations };
  });
  const byName = new Map(services.map((service) => [service.spec.name, service]));
  const find = (service: string, operation: string): WalkOperation => {
    const found = byName.get(service)?.operations.find((o) => o.spec.name === operation);
    assert(found, `call to unknown operation ${service}/${operation}`);
    return found;
  };
  for (const service of services) {
    const operations = service.operations as WalkOperation[];
    for (const operation of service.spec.operations) {
      const serverAttributes: Attributes = { 'rpc.method': operation.name };
      const position = operations.length;
      operations.push({ service, spec: operation, position, calls: [], serverAttributes });
    }
  }
  let links = 0;
  for (const { operations } of services) {
    for (const { spec: operation, calls } of operations) {
      for (const call of operation.calls) {
        const target = find(call.service, call.operation);
        (calls as WalkCall[]).push(compileCall(call, target, links));
        links += 1;
      }
    }
  }
  return spec.journeys.map((journey, j) => ({
    spec: journey,
    link: links + j,
    operation: find(journey.service, journey.operation),
  }));
}

function compileCall(spec: CallSpec, target: WalkOperation, link: number): WalkCall {
  return {
    spec,
    target,
    link,
    clientAttributes: clientAttributesOf(target),
  };
}

function clientAttributesOf({ service, spec }: WalkOperation): Attributes {
  const peer = { 'peer.service': service.spec.name };
  if (spec.category === 'cpu') return peer;
  if (spec.category === 'external') return { ...peer, 'span.category': 'external' };
  return {
    ...peer,
    'span.category': 'db',
    'db.system': databaseSystem(service.spec.name),
    'db.statement': spec.statement ?? spec.name,
  };
}

const databaseSystems: readonly (readonly [RegExp, string])[] = [
  [/redis|valkey/, 'redis'],
  [/postgres|pg/, 'postgresql'],
  [/mysql|maria/, 'mysql'],
  [/mongo/, 'mongodb'],
  [/cassandra/, 'cassandra'],
  [/memcache/, 'memcached'],
];

/** The product behind a data store's name, in OpenTelemetry's spelling. */
function databaseSystem(service: string): string {
  return databaseSystems.find(([pattern]) => pattern.test(service))?.[1] ?? 'other_sql';
}

/** The port of the Service object of that name; 8080 where the manifests have none. */
function portOf(spec: TwinSpec, service: string): number {
  for (const object of spec.objects) {
    if (object.kind !== 'Service' || object.metadata?.name !== service) continue;
    const port = (object as KindMap['Service']).spec?.ports?.[0]?.port;
    if (port !== undefined) return port;
  }
  return 8080;
}
