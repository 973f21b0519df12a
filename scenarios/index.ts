/** The door of scenarios, topologies and recorded workloads: files in, checked values out. */
export { callRates } from './call-rates.ts';
export { describeTopology } from './describe-topology.ts';
export { expectedUtilization } from './expected-utilization.ts';
export { listScenarios, loadScenario, scenarioIds } from './load-scenario.ts';
export { loadTopology } from './load-topology.ts';
export { isManifestKind } from './manifests.ts';
export { withRecordedWorkload } from './recorded-workload.ts';
export { resolveEpisode } from './resolve-episode.ts';
export { scenarioProblem } from './scenario-problem.ts';
export { scenarioJsonSchema } from './scenario-schema.ts';
export { listTopologies } from './topology-files.ts';
export { renderWorkload } from './workload-objects.ts';
export { renderCluster, renderTopology } from './write-topology.ts';
