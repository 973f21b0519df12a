import { answerRequests } from '../../lab/worker-answer.ts';

answerRequests(() => Promise.reject(new TypeError('x is undefined')));
