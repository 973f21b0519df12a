import type { KubernetesObject } from '../core/observable/index.ts';
import {
  checkDocument,
  parseYamlSource,
  suggestNames,
  throwProblems,
  type YamlSource,
} from '../core/tools/index.ts';
import type { OperationDocument, OverlayDocument, ServiceDocument } from './overlay-schema.ts';
import {
  type CompactCall,
  type CompactOperation,
  type CompactService,
  type ProfileDocument,
  type ServicesDocument,
  servicesSchema,
} from './services-schema.ts';
import { renderStorageClass } from './settings-objects.ts';
import { displayPath, readTextFile } from './source-files.ts';
import { renderWorkload } from './workload-objects.ts';

/** A services.yaml, expanded into the two halves that every topology has. */
export function readServices(path: string): {
  readonly overlay: OverlayDocument;
  readonly objects: readonly KubernetesObject[];
  readonly document: YamlSource;
} {
  const document = parseYamlSource(readTextFile(path), displayPath(path));
  const content = checkDocument(document, servicesSchema, 'docs/topologies.md');
  const profiles = Object.keys(content.profiles);
  throwProblems(
    Object.entries(content.services)
      .filter(([, { profile }]) => !profiles.includes(profile))
      .map(([name, { profile }]) => ({
        position: document.positionOf(['services', name, 'profile']),
        message: `unknown profile "${profile}" (${suggestNames(profile, profiles)})`,
      })),
  );
  const { callTimeout, profiles: _, services, ...cluster } = content;
  const overlay: OverlayDocument = {
    ...cluster,
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => {
        return [name, toServiceDocument(service, profileOf(content, service), callTimeout)];
      }),
    ),
  };
  return { overlay, objects: renderObjects(content), document };
}

function profileOf({ profiles }: ServicesDocument, { profile }: CompactService): ProfileDocument {
  return profiles[profile] as ProfileDocument;
}

function toServiceDocument(
  service: CompactService,
  profile: ProfileDocument,
  callTimeout: number,
): ServiceDocument {
  const { base, perInFlight } = { ...profile.memory, ...service.memory };
  return {
    namespace: service.namespace,
    kind: profile.kind,
    startup: service.startup ?? profile.startup,
    cold: profile.cold,
    concurrencyMax: service.concurrencyMax ?? profile.concurrencyMax,
    memory: {
      base: base ?? profile.memory.base,
      perInFlight: perInFlight ?? profile.memory.perInFlight,
    },
    operations: Object.fromEntries(
      Object.entries(service.operations).map(([name, operation]) => {
        return [name, toOperationDocument(operation, profile, callTimeout)];
      }),
    ),
  };
}

function toOperationDocument(
  operation: CompactOperation,
  { kind, errorRatio }: ProfileDocument,
  callTimeout: number,
): OperationDocument {
  return {
    ...operation,
    errorRatio: operation.errorRatio ?? errorRatio,
    category: operation.category ?? (kind === 'datastore' ? 'db' : 'cpu'),
    calls: operation.calls.map((call) => {
      if (typeof call !== 'string') return { ...call, timeout: call.timeout ?? callTimeout };
      return { to: call, count: 1, timeout: callTimeout, retries: 0, optional: false };
    }),
  };
}

/** Objects in the order of the services; stores live in the zones in turn. */
function renderObjects(content: ServicesDocument): KubernetesObject[] {
  const zones = Object.keys(content.zones);
  let stores = 0;
  const hasVolumes = Object.values(content.profiles).some(({ volume }) => volume !== undefined);
  const shared = hasVolumes ? [renderStorageClass()] : [];
  const rendered = Object.entries(content.services).flatMap(([name, service]) => {
    const profile = profileOf(content, service);
    const isStore = profile.kind === 'datastore';
    const homeZone = isStore ? (zones[stores % zones.length] as string) : null;
    if (isStore) stores += 1;
    const { request, limit } = { ...profile.memory, ...service.memory };
    return renderWorkload({
      name,
      namespace: service.namespace,
      image: profile.image.replace('{name}', name),
      port: profile.port,
      probe: profile.probe,
      startupMs: service.startup ?? profile.startup,
      replicas: service.replicas,
      cpuCores: service.cpu,
      memoryBytes: {
        request: request ?? profile.memory.request,
        limit: limit ?? profile.memory.limit,
      },
      autoscale: service.autoscale ?? null,
      homeZone,
      settings: profile.settings,
      volumeBytes: profile.volume ?? null,
      hasPassword: profile.password,
      callees: calleesOf(content, service),
    });
  });
  return [...shared, ...rendered];
}

/** Each service that this one calls, once; unknown ones are reported elsewhere. */
function calleesOf(
  content: ServicesDocument,
  { operations }: CompactService,
): { name: string; port: number; hasPassword: boolean }[] {
  const targetOf = (call: CompactCall): string => (typeof call === 'string' ? call : call.to);
  const names = Object.values(operations).flatMap(({ calls }) =>
    calls.map((call) => targetOf(call).split('/')[0] as string),
  );
  return [...new Set(names)].flatMap((name) => {
    const service = content.services[name];
    if (!service) return [];
    const { port, password } = profileOf(content, service);
    return [{ name, port, hasPassword: password }];
  });
}
