import type { Topology } from '../core/observable/index.ts';
import { UsageError } from '../core/tools/index.ts';
import type { TargetKind, TargetSpec } from './policy-set.ts';

export const targetKinds: readonly TargetKind[] = ['deployment', 'node', 'zone'];

/** An action's target, taken apart. */
export interface ObjectTarget {
  readonly kind: TargetKind;
  readonly namespace: string;
  readonly name: string;
}

/** Reads `kind`, `kind/name` or `ns/kind/name`; undefined when it is none of them. */
export function parseTargetSpec(text: string): TargetSpec | undefined {
  const parts = text.split('/');
  if (parts.some((part) => part === '') || parts.length > 3) return undefined;
  const [kind, name, namespace] =
    parts.length === 3 ? [parts[1], parts[2], parts[0]] : [parts[0], parts[1], undefined];
  if (!targetKinds.includes(kind as TargetKind)) return undefined;
  if (namespace !== undefined && kind !== 'deployment') return undefined;
  return { kind: kind as TargetKind, namespace: namespace ?? null, name: name ?? null };
}

export function renderTargetSpec(target: TargetSpec): string {
  return [target.namespace, target.kind, target.name].filter((part) => part !== null).join('/');
}

/** Reads an action's target; a deployment without namespace gets that of its service. */
export function parseActionTarget(text: string, topology: Topology): ObjectTarget {
  const spec = parseTargetSpec(text);
  if (!spec || spec.name === null || spec.name === '*') {
    throw new UsageError(
      `expected a target such as default/deployment/frontend, node/n1 or zone/z1, got "${text}"`,
    );
  }
  const owner = topology.services.find((service) => service.workload === spec.name);
  const namespace =
    spec.kind === 'deployment' ? (spec.namespace ?? owner?.namespace ?? 'default') : '';
  return { kind: spec.kind, namespace, name: spec.name };
}
