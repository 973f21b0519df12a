import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFamily, readGeneratedName } from './generated/topology-name.ts';

const topologiesDir = fileURLToPath(new URL('./topologies/', import.meta.url));

/** Names of the topologies, sorted; `generated` is a family, see docs/topologies.md. */
export function listTopologies(): string[] {
  const shipped = readdirSync(topologiesDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return [...shipped, generatedFamily].sort();
}

/** Whether there is such a topology, shipped or generated. */
export function isTopology(name: string): boolean {
  return readGeneratedName(name) !== null || listTopologies().includes(name);
}

/** Where a shipped topology's files are. */
export interface TopologyPaths {
  /** Both halves in short; null where they are two files. */
  readonly services: string | null;
  /** What the cluster is told. */
  readonly manifestsDir: string;
  /** How the software behaves. */
  readonly overlay: string;
}

export function topologyPaths(name: string): TopologyPaths {
  const dir = join(topologiesDir, name);
  const services = join(dir, 'services.yaml');
  return {
    services: existsSync(services) ? services : null,
    manifestsDir: join(dir, 'manifests'),
    overlay: join(dir, 'overlay.yaml'),
  };
}
