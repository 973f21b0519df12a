import { InputError } from '../../core/tools/index.ts';
import type { ScenarioSelfTest } from '../../core/truth/index.ts';
import { loadScenario, resolveEpisode } from '../../scenarios/index.ts';
import { quoteWord } from '../trial.ts';
import { WarmWorlds } from '../warm-worlds.ts';
import { selfTest } from './self-test.ts';
import { buildStage } from './stage.ts';

/** One scenario and seed to be tested, as it is sent to a worker. */
export interface SelfTestRequest {
  /** A shipped scenario's id, or the path of a file. */
  readonly scenario: string;
  readonly seed: number;
  /** Whether users feel it is all that is asked; no checks are made. */
  readonly impactOnly: boolean;
}

/**
 * Tests one scenario after the other, on worlds that it keeps for the next. What makes a world stop
 * is a failed check, so that the others are still tested.
 */
export function createSelfTester(): (request: SelfTestRequest) => Promise<ScenarioSelfTest> {
  const worlds = new WarmWorlds();
  return async ({ scenario: name, seed, impactOnly }) => {
    const scenario = loadScenario(name);
    const episode = resolveEpisode(scenario, seed, worlds.describe(scenario).spec);
    const replay = `npm run validate ${quoteWord(name)} -- --all --seed ${seed}`;
    try {
      const stage = await buildStage(episode, await worlds.at(scenario, seed));
      return await selfTest(stage, replay, { impactOnly });
    } catch (error) {
      if (error instanceof InputError) throw error;
      const { id, topology, ends } = scenario;
      const measured = error instanceof Error ? error.message : String(error);
      const expected = 'can be played';
      return {
        ...{ scenario: id, topology, ends, seed, injectedAtMs: null, onsetMs: null, replay },
        checks: [{ check: 'playable', subject: null, verdict: 'failed', expected, measured }],
      };
    }
  };
}
