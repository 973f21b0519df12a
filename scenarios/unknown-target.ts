import { type ComponentId, componentKind, componentName } from '../core/observable/index.ts';
import type { TwinSpec } from '../core/truth/index.ts';

/** The part of a target that the topology does not know; null when it knows all. */
export function unknownPart(
  topology: TwinSpec,
  target: ComponentId,
): { kind: string; name: string; known: string[] } | null {
  const kind = componentKind(target);
  const name = componentName(target);
  if (target === 'telemetry/*') return null;
  if (kind === 'config' || kind === 'volume' || kind === 'external') return null;
  const known = targetsOf(topology, kind);
  const parts = kind === 'edge' ? name.split('->') : [name];
  const missing = parts.find((part) => !known.includes(part));
  if (missing === undefined) return null;
  const words: Partial<Record<string, string>> = { user: 'journey', edge: 'service' };
  return { kind: words[kind] ?? kind, name: missing, known };
}

function targetsOf(topology: TwinSpec, kind: string): string[] {
  switch (kind) {
    case 'zone':
      return [...new Set(topology.nodes.map(({ zone }) => zone))];
    case 'node':
      return topology.nodes.map(({ name }) => name);
    case 'user':
      return ['*', ...topology.journeys.map(({ name }) => name)];
    default:
      return topology.services.map(({ name }) => name);
  }
}
