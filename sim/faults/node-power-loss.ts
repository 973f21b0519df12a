import { componentKind, componentName } from '../../core/observable/index.ts';
import type { FaultEffect } from './effect.ts';

/**
 * Takes the power from a node, or from every node of a zone; processes and kubelets stop at once.
 */
export const nodePowerLoss: FaultEffect<{ nodes: readonly string[] }> = {
  async begin(fault, { conditions, spec }) {
    const name = componentName(fault.target);
    const isZone = componentKind(fault.target) === 'zone';
    const nodes = spec.nodes
      .filter((node) => (isZone ? node.zone : node.name) === name)
      .map((node) => node.name);
    for (const node of nodes) conditions.unpoweredNodes.add(node);
    return { nodes };
  },
  async end(_fault, { nodes }, { conditions, others }) {
    for (const node of nodes) {
      if (others.some((other) => other.nodes.includes(node))) continue;
      conditions.unpoweredNodes.delete(node);
    }
  },
};
