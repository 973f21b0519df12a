import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const topologiesDir = fileURLToPath(new URL('./topologies/', import.meta.url));

/** Names of the shipped topologies, sorted. */
export function listTopologies(): string[] {
  return readdirSync(topologiesDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The two halves of a topology: what the cluster is told, and how the software behaves. */
export function topologyPaths(name: string): { manifestsDir: string; overlay: string } {
  const dir = join(topologiesDir, name);
  return { manifestsDir: join(dir, 'manifests'), overlay: join(dir, 'overlay.yaml') };
}
