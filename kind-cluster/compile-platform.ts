import { componentName } from '../core/observable/index.ts';
import { formatDuration } from '../core/tools/index.ts';
import type { Fault } from '../core/truth/index.ts';
import {
  type CompileContext,
  type CompiledFault,
  createManifest,
  selectService,
  targetService,
} from './manifests.ts';

/** Killed pods and processes are what PodChaos is for; how often is up to its Schedule. */
export function compilePodKill(fault: Fault, context: CompileContext): CompiledFault {
  const service = targetService(fault, context.topology);
  const { mode, share, count, intervalMs } = fault.parameters;
  const isShare = share !== undefined && count === undefined;
  const manifest = createManifest(context, fault, {
    kind: 'PodChaos',
    suffix: service.name,
    spec: {
      action: mode === 'container' ? 'container-kill' : 'pod-kill',
      mode: isShare ? 'fixed-percent' : 'fixed',
      value: isShare ? String(Math.round(100 * Number(share))) : String(count ?? 1),
      selector: selectService(service),
      ...(mode === 'container' ? { containerNames: ['server'] } : { gracePeriod: 0 }),
    },
  });
  if (intervalMs === undefined) return { manifests: [manifest], notExpressible: [] };
  const every = formatDuration(Number(intervalMs));
  return {
    manifests: [manifest],
    notExpressible: [
      {
        fault: nameOf(fault),
        why: 'the object here strikes once',
        instead: `apply it every ${every}, e.g. with a Schedule`,
      },
    ],
  };
}

/** What stops a part of the platform on a kind node, which is a container with systemd. */
const stopCommands: Readonly<Record<string, string>> = {
  kubelet: 'systemctl stop kubelet',
  container_runtime: 'systemctl stop containerd',
  kube_proxy: 'pkill -STOP kube-proxy',
  scheduler: 'mv /etc/kubernetes/manifests/kube-scheduler.yaml /root',
  controller_manager: 'mv /etc/kubernetes/manifests/kube-controller-manager.yaml /root',
  api_server: 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /root',
  etcd: 'mv /etc/kubernetes/manifests/etcd.yaml /root',
};

/** Chaos Mesh lives in the cluster and cannot take the cluster's own parts away. */
export function compileComponentDown(fault: Fault): CompiledFault {
  const command = stopCommands[String(fault.parameters.component)] ?? '';
  const instead = `in the container of the node, or of the control plane: ${command}`;
  const why = 'Chaos Mesh does not reach the parts of the platform';
  return { manifests: [], notExpressible: [{ fault: nameOf(fault), why, instead }] };
}

/** A drain is an operator's command. */
export function compileDrain(fault: Fault): CompiledFault {
  const instead = `kubectl drain --ignore-daemonsets ${componentName(fault.target)}, then kubectl uncordon`;
  const why = 'it is planned work, which kubectl does';
  return { manifests: [], notExpressible: [{ fault: nameOf(fault), why, instead }] };
}

function nameOf({ kind, target, startMs }: Fault): string {
  return `${kind} on ${target} at ${formatDuration(startMs)}`;
}
