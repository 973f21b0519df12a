/** The door of scenarios, topologies and recorded workloads: files in, checked values out. */
export { describeTopology } from './describe-topology.ts';
export { expectedUtilization } from './expected-utilization.ts';
export { listScenarios, loadScenario } from './load-scenario.ts';
export { loadTopology } from './load-topology.ts';
export { withRecordedWorkload } from './recorded-workload.ts';
export { resolveEpisode } from './resolve-episode.ts';
export { scenarioJsonSchema } from './scenario-schema.ts';
export { listTopologies } from './topology-files.ts';
