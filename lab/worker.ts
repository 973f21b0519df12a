import { runTrial, summariseTrial, type TrialRequest } from './trial.ts';
import { answerRequests } from './worker-answer.ts';

// Wall-clock figures of trials that share cores mean nothing, so a batch reports none.
answerRequests(async (request: TrialRequest) =>
  summariseTrial(await runTrial(request, { clockMs: () => 0 })),
);
