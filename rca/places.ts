import { ramp } from './ramp.ts';

/** What one node shows, 0 to 1. */
interface NodeSign {
  readonly zone: string;
  readonly value: number;
}

/** The nodes' mean; 0 without nodes. */
export function meanValue(nodes: readonly NodeSign[]): number {
  return nodes.reduce((sum, { value }) => sum + value, 0) / Math.max(1, nodes.length);
}

/**
 * How far something is a zone's (0 to 1): its nodes show it and the others do not. A zone is more
 * than one bad node, so the share of its nodes that show it counts from `few` (0) to `most` (1).
 */
export function valueOfZone(
  zone: string,
  nodes: readonly NodeSign[],
  { few, most }: { readonly few: number; readonly most: number },
): number {
  const inside = nodes.filter((node) => node.zone === zone);
  const outside = nodes.filter((node) => node.zone !== zone);
  if (inside.length === 0 || outside.length === 0) return 0;
  const showing = inside.filter(({ value }) => value > 0.5).length / inside.length;
  return meanValue(inside) * (1 - meanValue(outside)) * ramp(showing, few, most);
}

/** How far something is one node's (0 to 1): it shows it and the others do not. */
export function valueOfNode(node: NodeSign, nodes: readonly NodeSign[]): number {
  return node.value * (1 - meanValue(nodes.filter((other) => other !== node)));
}
