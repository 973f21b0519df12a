import { loadScenario, resolveEpisode } from '../../scenarios/index.ts';
import { WarmWorlds } from '../warm-worlds.ts';
import { leadMs, recordEpisode } from './record-episode.ts';
import { type RecordingSummary, summariseRecording } from './summarise-recording.ts';

/** One recording to be made, as it is sent to a worker. */
export interface RecordingRequest {
  /** A shipped scenario's id, or the path of a file. */
  readonly scenario: string;
  readonly seed: number;
}

/** Records and summarises one scenario after the other, on worlds that it keeps for the next. */
export function createRecorder(): (request: RecordingRequest) => Promise<RecordingSummary> {
  const worlds = new WarmWorlds();
  return async ({ scenario: name, seed }) => {
    const scenario = loadScenario(name);
    const episode = resolveEpisode(scenario, seed, worlds.describe(scenario).spec);
    const world = await worlds.at(
      scenario,
      episode.worldSeed,
      -Math.min(leadMs, scenario.warmUpMs),
    );
    return summariseRecording(await recordEpisode(episode, world), world);
  };
}
