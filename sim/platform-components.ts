import type { NodeComponent } from '../core/truth/index.ts';

/** The name of a node's part among the components that are down. */
export function onNode(component: NodeComponent, node: string): string {
  return `${component} on ${node}`;
}
