import { listScenarios, loadScenario } from '../scenarios/index.ts';

export type Suite = 'core' | 'faulty' | 'healthy';
export const suiteNames: readonly Suite[] = ['core', 'faulty', 'healthy'];

/** Ids of a suite's scenarios: all shipped ones, or those with and without faults. */
export function suiteScenarios(suite: Suite): string[] {
  const ids = listScenarios().map(({ id }) => id);
  if (suite === 'core') return ids;
  return ids.filter((id) => (loadScenario(id).ends === 'healthy') === (suite === 'healthy'));
}
