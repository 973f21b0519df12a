import { answerRequests } from '../worker-answer.ts';
import { createSelfTester } from './tester.ts';

answerRequests(createSelfTester());
