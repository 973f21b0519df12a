import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFamily, readGeneratedName } from './generated/topology-name.ts';
import { displayPath } from './source-files.ts';

const topologiesDir = fileURLToPath(new URL('./topologies/', import.meta.url));

/** Names of the topologies, sorted; `generated` is a family, see docs/topologies.md. */
export function listTopologies(): string[] {
  const shipped = readdirSync(topologiesDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return [...shipped, generatedFamily].sort();
}

/** Whether there is such a topology: shipped, generated, or a folder of one's own. */
export function isTopology(name: string): boolean {
  if (isTopologyFolder(name)) {
    const { services, overlay } = topologyPaths(name);
    return services !== null || existsSync(overlay);
  }
  return readGeneratedName(name) !== null || listTopologies().includes(name);
}

/** Whether a topology is named by the path of its folder; a path has a slash or is made of dots. */
export function isTopologyFolder(name: string): boolean {
  return name.includes('/') || /^\.+$/.test(name);
}

/** A topology as a scenario file names it; folders are given relative to that file. */
export function resolveTopologyName(name: string, scenarioPath: string): string {
  if (!isTopologyFolder(name)) return name;
  const shown = displayPath(resolve(dirname(scenarioPath), name));
  return isTopologyFolder(shown) ? shown : `./${shown}`;
}

/** What a topology is called: a folder goes by its last part. */
export function topologyTitle(name: string): string {
  return isTopologyFolder(name) ? basename(resolve(name)) : name;
}

/** Where a topology's files are. */
export interface TopologyPaths {
  /** Both halves in short; null where they are two files. */
  readonly services: string | null;
  /** What the cluster is told. */
  readonly manifestsDir: string;
  /** How the software behaves. */
  readonly overlay: string;
}

export function topologyPaths(name: string): TopologyPaths {
  const dir = isTopologyFolder(name) ? name : join(topologiesDir, name);
  const services = join(dir, 'services.yaml');
  return {
    services: existsSync(services) ? services : null,
    manifestsDir: join(dir, 'manifests'),
    overlay: join(dir, 'overlay.yaml'),
  };
}
