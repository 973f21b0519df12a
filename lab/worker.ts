import { loadScenario } from '../scenarios/index.ts';
import { SteadyStateError } from './episode-options.ts';
import { type PlayedTrial, runTrial, summariseTrial, type TrialRequest } from './trial.ts';
import { answerRequests } from './worker-answer.ts';

answerRequests(async (request: TrialRequest): Promise<PlayedTrial> => {
  try {
    // Wall-clock figures of trials that share cores mean nothing, so a batch reports none.
    return summariseTrial(await runTrial(request, { clockMs: () => 0 }));
  } catch (error) {
    if (!(error instanceof SteadyStateError)) throw error;
    const { id } = loadScenario(request.scenario);
    return { scenario: id, seed: request.seed, voidBecause: error.message };
  }
});
