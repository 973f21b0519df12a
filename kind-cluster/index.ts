/** The door of the real-cluster side: kind configuration and Chaos Mesh manifests. */
export {
  type ChaosExperiment,
  type ChaosOptions,
  compileToChaosMesh,
  renderChaosYaml,
} from './chaos-mesh.ts';
export { renderKindConfig } from './kind-config.ts';
export type { ChaosManifest, NotExpressible } from './manifests.ts';
