import type { Procedure } from '../../core/observable/index.ts';
import { componentName } from '../../core/observable/index.ts';
import { type NodeComponent, nodeComponents } from '../../core/truth/index.ts';
import { onNode } from '../platform-components.ts';
import type { ProcedureEffect } from './procedure-effect.ts';

/** From the command until the kubelet posts again: a cloud instance with a small image. */
const rebootMs = 60_000;

function restart(component: NodeComponent): ProcedureEffect {
  return (target, { conditions }) => {
    conditions.downComponents.delete(onNode(component, componentName(target)));
  };
}

const rebootNode: ProcedureEffect = (target, { conditions, spec, nowMs }) => {
  const node = componentName(target);
  if (!spec.nodes.some(({ name }) => name === node)) return;
  for (const component of nodeComponents) conditions.downComponents.delete(onNode(component, node));
  conditions.rebootingNodes.set(node, nowMs + rebootMs);
};

/** Procedures on nodes and on the control plane. */
export const nodeProcedures: Readonly<Partial<Record<Procedure, ProcedureEffect>>> = {
  reboot_node: rebootNode,
  restart_kubelet: restart('kubelet'),
  restart_container_runtime: restart('container_runtime'),
  restart_kube_proxy: restart('kube_proxy'),
  restart_scheduler: (_target, { conditions }) => {
    conditions.downComponents.delete('scheduler');
  },
};
