import type { Detector, MetricsFrame, SignalName } from '../../../core/observable/index.ts';
import { quantile } from '../../../core/tools/index.ts';
import { mapRows } from '../../../detectors/index.ts';
import { detectorName, loadDetector } from '../../custom-detector/load-detector.ts';
import { type Contestant, thresholdQuantile } from './contestants.ts';

/** Frames are a minute apart: the files have no time. */
const stepMs = 60_000;

/**
 * A user's detector of frames as a contestant: a row is a frame with a column per metric, and its
 * score the highest of its values'. Streamed through train and test alike.
 */
export function ownContestant(file: string): Contestant {
  return {
    name: detectorName(file),
    kind: 'ours',
    score: async ({ train, test, columns }) => {
      const detector = await loadDetector(file, { seed: 1 });
      const series = Array.from({ length: columns }, (_, column) => ({
        signal: `metric ${column + 1}` as SignalName,
        component: 'service/entity',
        labels: { service: 'entity' },
      }));
      let frames = 0;
      const play = (rows: Float64Array): Float64Array =>
        mapRows(rows, columns, (values) => {
          frames += 1;
          const frame: MetricsFrame = { atMs: frames * stepMs, index: { series }, values };
          return scoreFrame(detector, frame);
        });
      const threshold = quantile(play(train), thresholdQuantile);
      return { threshold, test: play(test) };
    },
  };
}

function scoreFrame(detector: Detector, frame: MetricsFrame): number {
  let highest = 0;
  for (const score of detector.score(frame).scores) if (score > highest) highest = score;
  detector.learn(frame);
  return highest;
}
