import { answerRequests } from '../worker-answer.ts';
import { createRecorder } from './recorder.ts';

answerRequests(createRecorder());
