import { answerRequests } from '../../worker-answer.ts';
import { createWatcher } from './watch-run.ts';

answerRequests(createWatcher());
