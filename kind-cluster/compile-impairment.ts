import { componentKind, componentName, type ServiceEntry } from '../core/observable/index.ts';
import { formatDuration, renderDuration } from '../core/tools/index.ts';
import type { Fault, FaultKind } from '../core/truth/index.ts';
import {
  type ChaosManifest,
  type CompileContext,
  type CompiledFault,
  createManifest,
  namespacesOf,
  selectService,
  targetService,
} from './manifests.ts';

type Spec = Record<string, unknown>;
type Part = { kind: ChaosManifest['kind']; suffix: string; spec: Spec };
type PartCompiler = (fault: Fault, context: CompileContext) => Part[];

/** What impairments become; a list without parts means that Chaos Mesh has nothing for them. */
const parts: Readonly<Partial<Record<FaultKind, PartCompiler>>> = {
  network_impairment: networkParts,
  call_failure: callParts,
  pod_pressure: stressParts,
  slow_work: diskParts,
  failing_work: diskParts,
  clock_offset: clockParts,
};

/** The Chaos Mesh objects of an impairment; null where it has none. */
export function compileImpairment(fault: Fault, context: CompileContext): CompiledFault | null {
  const found = parts[fault.kind]?.(fault, context) ?? [];
  if (found.length === 0) return null;
  const manifests = found.map((part) => createManifest(context, fault, part));
  const { periodMs, rampMs } = fault.parameters;
  const name = `${fault.kind} on ${fault.target} at ${formatDuration(fault.startMs)}`;
  const notExpressible =
    Number(periodMs ?? 0) + Number(rampMs ?? 0) > 0
      ? [
          {
            fault: name,
            why: 'the objects here are there all the time, at full strength',
            instead: 'apply and delete them by the clock, e.g. with a Schedule',
          },
        ]
      : [];
  return { manifests, notExpressible };
}

/** The pods an impairment is about; one kind worker stands for the nodes of its zone. */
function selectTarget(fault: Fault, { topology }: CompileContext): Spec {
  const name = componentName(fault.target);
  switch (componentKind(fault.target)) {
    case 'node':
    case 'zone': {
      const zone = topology.nodes.find((node) => node.name === name)?.zone ?? name;
      return {
        namespaces: namespacesOf(topology),
        nodeSelectors: { 'topology.kubernetes.io/zone': zone },
      };
    }
    default:
      return selectService(targetService(fault, topology));
  }
}

/** Caller and callee of an edge. */
function endsOf(fault: Fault, context: CompileContext): [ServiceEntry, ServiceEntry] {
  const [from = '', to = ''] = componentName(fault.target).split('->');
  const end = (name: string): ServiceEntry =>
    targetService({ ...fault, target: `service/${name}` }, context.topology);
  return [end(from), end(to)];
}

function sidesOf(fault: Fault, context: CompileContext): Spec {
  const mode = fault.parameters.pods === 'one' ? 'one' : 'all';
  if (componentKind(fault.target) !== 'edge') {
    return { mode, selector: selectTarget(fault, context), direction: 'both' };
  }
  const [from, to] = endsOf(fault, context);
  return {
    mode,
    selector: selectService(from),
    direction: 'to',
    target: { mode: 'all', selector: selectService(to) },
  };
}

function percent(share: number | string | undefined): string {
  return String(Math.round(1000 * Number(share ?? 0)) / 10);
}

function networkParts(fault: Fault, context: CompileContext): Part[] {
  if (componentKind(fault.target) === 'user') return [];
  const { delayMs, jitterMs, packetLoss, cutShare, bytesPerSec } = fault.parameters;
  const sides = sidesOf(fault, context);
  const suffix = componentName(fault.target).replace('->', '-to-');
  const part = (action: string, spec: Spec): Part => ({
    kind: 'NetworkChaos',
    suffix: `${suffix}-${action}`,
    spec: { action, ...sides, ...spec },
  });
  const found: Part[] = [];
  if (delayMs) {
    const latency = renderDuration(Number(delayMs));
    const jitter = renderDuration(Number(jitterMs ?? 0));
    found.push(part('delay', { delay: { latency, jitter, correlation: '0' } }));
  }
  if (packetLoss) {
    found.push(part('loss', { loss: { loss: percent(packetLoss), correlation: '0' } }));
  }
  if (bytesPerSec) {
    const rate = `${Math.max(1, Math.round(Number(bytesPerSec) / 1000))}kbps`;
    found.push(part('bandwidth', { bandwidth: { rate, limit: 65_536, buffer: 10_000 } }));
  }
  if (Number(cutShare ?? 0) >= 1 && componentKind(fault.target) === 'edge') {
    found.push(part('partition', {}));
  } else if (cutShare) {
    found.push(part('loss', { loss: { loss: percent(cutShare), correlation: '0' } }));
  }
  return found;
}

function callParts(fault: Fault, context: CompileContext): Part[] {
  if (componentKind(fault.target) !== 'edge') return [];
  const [from, to] = endsOf(fault, context);
  const mode = 'fixed-percent';
  const value = percent(fault.parameters.refusedShare).split('.')[0];
  if (fault.parameters.cause === 'unresolved_name') {
    const patterns = [`${to.name}.${to.namespace}.*`];
    const spec = { action: 'error', mode, value, patterns, selector: selectService(from) };
    return [{ kind: 'DNSChaos', suffix: `${from.name}-names`, spec }];
  }
  const port = context.httpPorts[to.name];
  if (port === undefined || !fault.parameters.refusedShare) return [];
  const http = { target: 'Request', port, path: '*', abort: true };
  const spec = { mode, value, selector: selectService(to), ...http };
  return [{ kind: 'HTTPChaos', suffix: `${to.name}-http`, spec }];
}

function stressParts(fault: Fault, context: CompileContext): Part[] {
  const { podCores, podBytes, podBytesPerSec, pods } = fault.parameters;
  const stressors: Spec = {};
  if (podCores) stressors.cpu = { workers: Math.max(1, Math.round(Number(podCores))), load: 100 };
  // What leaks in ten minutes is taken at once.
  const bytes = Number(podBytes ?? 0) + 600 * Number(podBytesPerSec ?? 0);
  if (bytes > 0) {
    stressors.memory = { workers: 1, size: `${Math.max(1, Math.round(bytes / 2 ** 20))}MiB` };
  }
  if (Object.keys(stressors).length === 0) return [];
  const selector = selectTarget(fault, context);
  const spec = { mode: pods === 'one' ? 'one' : 'all', selector, stressors };
  return [{ kind: 'StressChaos', suffix: `${componentName(fault.target)}-stress`, spec }];
}

/** Where the images of stores keep their data. */
const volumePath = '/data';
/** Linux error numbers. */
const errors: Readonly<Record<string, number>> = { failing_disk: 5, full_volume: 28 };

function diskParts(fault: Fault, context: CompileContext): Part[] {
  const { cause, waitMs, stallMs, stallShare, errorShare } = fault.parameters;
  if (componentKind(fault.target) !== 'service') return [];
  const common = {
    mode: 'all',
    selector: selectTarget(fault, context),
    volumePath,
    path: `${volumePath}/**/*`,
  };
  const suffix = `${componentName(fault.target)}-disk`;
  const errno = errors[String(cause)];
  if (errno !== undefined && errorShare) {
    const spec = {
      action: 'fault',
      ...common,
      errno,
      percent: Math.round(100 * Number(errorShare)),
    };
    return [{ kind: 'IOChaos', suffix, spec }];
  }
  if (cause !== 'throttled_volume' && cause !== 'detached_disk') return [];
  const delay = renderDuration(Number(waitMs ?? stallMs ?? 0));
  const share = Math.round(100 * Number(waitMs ? 1 : (stallShare ?? 0)));
  const spec = { action: 'latency', ...common, delay, percent: share };
  return [{ kind: 'IOChaos', suffix, spec }];
}

function clockParts(fault: Fault, context: CompileContext): Part[] {
  const timeOffset = renderDuration(Number(fault.parameters.offsetMs ?? 0));
  const spec = { mode: 'all', selector: selectTarget(fault, context), timeOffset };
  return [{ kind: 'TimeChaos', suffix: `${componentName(fault.target)}-clock`, spec }];
}
