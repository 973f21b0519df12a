import { answerRequests } from '../../lab/worker-answer.ts';

answerRequests(async () => {
  void Promise.reject(new Error('left to fail'));
  return 1;
});
