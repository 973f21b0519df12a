/** The door of the real-cluster side: kind configuration and Chaos Mesh manifests. */
export { compileToChaosMesh, renderChaosYaml } from './chaos-mesh.ts';
export { renderKindConfig } from './kind-config.ts';
