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

/** Plays an episode on its warm world and asks it everything. */
type Play = (
  request: SelfTestRequest,
  replay: string,
  worlds: WarmWorlds,
) => Promise<ScenarioSelfTest>;

/**
 * Tests one scenario after the other, on worlds that it keeps for the next. What a scenario's
 * author must act on makes a failed check, so that the others are still tested; any other error is
 * ours and is thrown.
 */
export function createSelfTester(
  play: Play = playAndAsk,
): (request: SelfTestRequest) => Promise<ScenarioSelfTest> {
  // A rollout by the way cures what a trap does not: it is the scenario that is tested.
  const worlds = new WarmWorlds({ isQuiet: true });
  return async (request) => {
    const { scenario: name, seed } = request;
    const { id, topology, ends } = loadScenario(name);
    const replay = `npm run validate ${quoteWord(name)} -- --all --seed ${seed}`;
    try {
      return await play(request, replay, worlds);
    } catch (error) {
      // With a position the file itself is at fault, which is for `validate` to say.
      if (!(error instanceof InputError) || error.position !== undefined) throw error;
      const { message: measured } = error;
      const expected = 'can be played';
      return {
        ...{ scenario: id, topology, ends, seed, injectedAtMs: null, onsetMs: null, replay },
        checks: [{ check: 'playable', subject: null, verdict: 'failed', expected, measured }],
      };
    }
  };
}

async function playAndAsk(
  { scenario: name, seed, impactOnly }: SelfTestRequest,
  replay: string,
  worlds: WarmWorlds,
): Promise<ScenarioSelfTest> {
  const scenario = loadScenario(name);
  const episode = resolveEpisode(scenario, seed, worlds.describe(scenario).spec);
  const stage = await buildStage(episode, await worlds.at(scenario, episode.worldSeed));
  return selfTest(stage, replay, { impactOnly });
}
