import { componentName } from '../../core/observable/index.ts';
import { assert } from '../../core/tools/index.ts';
import {
  type ClusterComponent,
  clusterComponents,
  type NodeComponent,
  nodeComponents,
} from '../../core/truth/index.ts';
import { onNode } from '../platform-components.ts';
import type { FaultEffect } from './effect.ts';

/**
 * Stops a part of the platform: the kubelet, container runtime or kube-proxy of a node, or the
 * scheduler, controller manager, API server or store of the cluster. Restarting it ends it sooner.
 */
export const componentDown: FaultEffect<{ name: string }> = {
  async begin({ parameters, target }, { conditions }) {
    const component = String(parameters.component);
    const isOfNode = nodeComponents.includes(component as NodeComponent);
    const isOfCluster = clusterComponents.includes(component as ClusterComponent);
    assert(isOfNode || isOfCluster, `component_down: unknown component ${component}`);
    const name = isOfNode ? onNode(component as NodeComponent, componentName(target)) : component;
    conditions.downComponents.add(name);
    return { name };
  },
  async end(_fault, { name }, { conditions, others }) {
    if (others.some((other) => other.name === name)) return;
    conditions.downComponents.delete(name);
  },
};
