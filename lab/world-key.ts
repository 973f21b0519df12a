import { digestOf } from '../core/tools/index.ts';
import { loadScenario } from '../scenarios/index.ts';

/** Names the worlds that scenarios share, so that one worker warms them up and measures them. */
export function worldKey({ scenario }: { readonly scenario: string }): string {
  const { topology, workload } = loadScenario(scenario);
  return digestOf([topology, workload]);
}
