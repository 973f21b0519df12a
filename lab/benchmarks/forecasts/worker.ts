import { answerRequests } from '../../worker-answer.ts';
import { contestants } from './contestants.ts';
import { judge } from './judge.ts';
import { type JudgedSeries, toJudged } from './judged-series.ts';
import type { EpisodeRequest } from './twin-episodes.ts';
import { createPlayer } from './twin-series.ts';

const play = createPlayer();

answerRequests<EpisodeRequest, JudgedSeries[]>(async (request) =>
  (await play(request)).map((series) =>
    toJudged(
      series,
      contestants.map((one) => judge(one, series)),
    ),
  ),
);
