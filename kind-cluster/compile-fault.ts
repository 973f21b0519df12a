import { componentKind, componentName, nodesOfZone, zonesOf } from '../core/observable/index.ts';
import { formatDuration, renderDuration, UsageError } from '../core/tools/index.ts';
import type { Fault, FaultKind } from '../core/truth/index.ts';
import { compileImpairment } from './compile-impairment.ts';
import { compileComponentDown, compileDrain, compilePodKill } from './compile-platform.ts';
import { workersByZone, type ZoneWorker } from './kind-config.ts';
import { kubectlCommand } from './kubectl-command.ts';
import {
  type ChaosManifest,
  type CompileContext,
  type CompiledFault,
  createManifest,
  type NotExpressible,
  namespacesOf,
  selectService,
  targetService,
} from './manifests.ts';

type Compiler = (fault: Fault, context: CompileContext) => CompiledFault;

/** What fault kinds become on a kind cluster; Chaos Mesh has nothing for those that are absent. */
const compilers: Readonly<Partial<Record<FaultKind, Compiler>>> = {
  network_partition: compilePartition,
  node_power_loss: compilePowerLoss,
  network_delay: compileDelay,
  release: compileRelease,
  load_factor: compileLoad,
  object_edit: compileEdits,
  component_down: compileComponentDown,
  pod_kill: compilePodKill,
  node_drain: compileDrain,
};

/** The Chaos Mesh objects of a fault, and what of it must be done by hand. */
export function compileFault(fault: Fault, context: CompileContext): CompiledFault {
  const compiler = compilers[fault.kind];
  if (compiler) return compiler(fault, context);
  const impaired = compileImpairment(fault, context);
  if (impaired) return impaired;
  const amounts = Object.entries(fault.parameters).map(([name, value]) => `${name} ${value}`);
  return refuse(fault, {
    why: 'Chaos Mesh has no such fault',
    instead: `bring it about by hand: ${[fault.kind, fault.target, ...amounts].join(', ')}`,
  });
}

/** Edits need no chaos tool: they are kubectl commands. */
function compileEdits(fault: Fault): CompiledFault {
  const commands = (fault.edits ?? []).map(kubectlCommand);
  return refuse(fault, {
    why: 'it is a change of Kubernetes objects, which kubectl makes',
    instead: commands.join(' && '),
  });
}

/** Zone against zone: node selectors compare for equality only, so one object per other zone. */
function compilePartition(fault: Fault, context: CompileContext): CompiledFault {
  const { zone } = findWorker(fault, context);
  const selectZone = (name: string): Record<string, unknown> => ({
    namespaces: namespacesOf(context.topology),
    nodeSelectors: { 'topology.kubernetes.io/zone': name },
  });
  const others = workersByZone(context.topology, context.clusterName).filter(
    (worker) => worker.zone !== zone,
  );
  const manifests = others.map((other) =>
    createManifest(context, fault, {
      kind: 'NetworkChaos',
      suffix: `${zone}-from-${other.zone}`,
      spec: {
        action: 'partition',
        mode: 'all',
        selector: selectZone(zone),
        direction: 'both',
        target: { mode: 'all', selector: selectZone(other.zone) },
      },
    }),
  );
  const why = [
    'it cuts pods off from pods it selected:',
    'users from outside, and pods on the host network, still get through',
  ].join(' ');
  const byHand = `keep ${zone} out of the users' way by hand`;
  const instead = `${byHand}, e.g. publish the entry service on a node of another zone`;
  return { manifests, notExpressible: [{ fault: nameOf(fault), why, instead }] };
}

function compilePowerLoss(fault: Fault, context: CompileContext): CompiledFault {
  const worker = findWorker(fault, context);
  const nodes = nodesOfZone(context.topology, worker.zone).length;
  const stands = `one kind worker stands for the ${nodes} nodes of ${worker.zone}`;
  return refuse(fault, {
    why: `Chaos Mesh has no power switch for kind nodes; ${stands}`,
    instead: `docker pause ${worker.container} (undo: docker unpause ${worker.container})`,
  });
}

function compileDelay(fault: Fault, context: CompileContext): CompiledFault {
  const service = targetService(fault, context.topology);
  const manifest = createManifest(context, fault, {
    kind: 'NetworkChaos',
    suffix: service.name,
    spec: {
      action: 'delay',
      mode: 'all',
      selector: selectService(service),
      direction: 'to',
      delay: {
        latency: renderDuration(Number(fault.parameters.delayMs)),
        jitter: '0ms',
        correlation: '0',
      },
    },
  });
  return { manifests: [manifest], notExpressible: [] };
}

const leakWhy =
  'a leak belongs to an image; the StressChaos here takes at once what the leak takes in ten ' +
  'minutes, survives a rollback, and ends only with the object';
const abortWhy =
  'errors belong to an image; the HTTPChaos here aborts every request of a share of the pods, ' +
  'and survives a rollback';
const grpcWhy =
  'errors belong to an image, and HTTPChaos, the nearest stand-in, speaks HTTP/1.1 only, not gRPC';

/** A release is an image; what is bad about it needs a faulty build or a stand-in. */
function compileRelease(fault: Fault, context: CompileContext): CompiledFault {
  const { namespace, workload } = targetService(fault, context.topology);
  const tag = String(fault.parameters.tag ?? '<tag>');
  const deployment = `deployment/${workload}`;
  const setImage = `kubectl -n ${namespace} set image ${deployment} '*=<repository>:${tag}'`;
  const manifests: ChaosManifest[] = [];
  const notExpressible: NotExpressible[] = [];
  const refuseTrait = (why: string, instead: string): void => {
    notExpressible.push({ fault: nameOf(fault), why, instead });
  };
  const leak = Number(fault.parameters.leakBytesPerSec ?? 0);
  const errorRatio = Number(fault.parameters.errorRatio ?? 0);
  const cpuFactor = Number(fault.parameters.cpuFactor ?? 1);
  if (leak > 0) {
    manifests.push(standInForLeak(fault, context, leak));
    refuseTrait(
      leakWhy,
      `build an image that leaks ${Math.round(leak / 1024)} KiB/s, then ${setImage}`,
    );
  }
  if (errorRatio > 0) {
    const standIn = standInForErrors(fault, context, errorRatio);
    if (standIn) manifests.push(standIn);
    refuseTrait(
      standIn ? abortWhy : grpcWhy,
      `build an image that fails ${formatPercent(errorRatio)} of its requests, then ${setImage}`,
    );
  }
  if (cpuFactor !== 1) {
    refuseTrait(
      'a dearer request belongs to an image; StressChaos would burn CPU without any request',
      `build an image that needs ${cpuFactor} times the CPU, then ${setImage}`,
    );
  }
  if (notExpressible.length === 0) {
    refuseTrait('a sound release is a roll-out, not a fault', setImage);
  }
  return { manifests, notExpressible };
}

const leakStandInMs = 10 * 60_000;

function standInForLeak(fault: Fault, context: CompileContext, bytesPerSec: number): ChaosManifest {
  const service = targetService(fault, context.topology);
  const mebibytes = Math.max(1, Math.round((bytesPerSec * leakStandInMs) / 1000 / 1024 / 1024));
  return createManifest(context, fault, {
    kind: 'StressChaos',
    suffix: `${service.name}-memory`,
    spec: {
      mode: 'all',
      selector: selectService(service),
      stressors: { memory: { workers: 1, size: `${mebibytes}MiB` } },
    },
  });
}

/** Null where the service's port is not known to speak plain HTTP. */
function standInForErrors(
  fault: Fault,
  context: CompileContext,
  errorRatio: number,
): ChaosManifest | null {
  const service = targetService(fault, context.topology);
  const port = context.httpPorts[service.name];
  if (port === undefined) return null;
  return createManifest(context, fault, {
    kind: 'HTTPChaos',
    suffix: `${service.name}-http`,
    spec: {
      mode: 'fixed-percent',
      value: String(Math.max(1, Math.round(100 * errorRatio))),
      selector: selectService(service),
      target: 'Request',
      port,
      path: '*',
      abort: true,
    },
  });
}

function compileLoad(fault: Fault): CompiledFault {
  const { factor, rampMs } = fault.parameters;
  const who =
    componentName(fault.target) === '*' ? 'all users' : `users of ${componentName(fault.target)}`;
  const ramp = Number(rampMs ?? 0) > 0 ? ` over ${formatDuration(Number(rampMs))}` : '';
  const until = fault.durationMs === null ? '' : ` for ${formatDuration(fault.durationMs)}`;
  return refuse(fault, {
    why: 'demand is not a fault of the cluster; Chaos Mesh sends no requests',
    instead: `let the load generator send ${factor} times the requests of ${who}${ramp}${until}`,
  });
}

function refuse(fault: Fault, { why, instead }: Omit<NotExpressible, 'fault'>): CompiledFault {
  return { manifests: [], notExpressible: [{ fault: nameOf(fault), why, instead }] };
}

function nameOf({ kind, target, startMs }: Fault): string {
  return `${kind} on ${target} at ${formatDuration(startMs)}`;
}

function findWorker(fault: Fault, { topology, clusterName }: CompileContext): ZoneWorker {
  const name = componentName(fault.target);
  const node = topology.nodes.find((entry) => entry.name === name);
  const zone = componentKind(fault.target) === 'node' ? node?.zone : name;
  const worker = workersByZone(topology, clusterName).find((entry) => entry.zone === zone);
  if (worker) return worker;
  const kind = componentKind(fault.target);
  throw new UsageError(
    `fault ${fault.kind}: unknown ${kind} "${name}" in topology ${topology.name}`,
    `zones are: ${zonesOf(topology).join(', ')}`,
  );
}

function formatPercent(ratio: number): string {
  return `${Math.round(1000 * ratio) / 10} %`;
}
