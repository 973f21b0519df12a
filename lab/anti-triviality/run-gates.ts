import type { TrivialityReport } from '../../core/truth/index.ts';
import { WorkerPool } from '../worker-pool.ts';
import { worldKey } from '../world-key.ts';
import { metadataGates } from './judge-metadata.ts';
import { scenarioRows, scoreOneLiners, signalFigures, signalGates } from './judge-suite.ts';
import type { RecordingRequest } from './recorder.ts';
import type { RecordingSummary } from './summarise-recording.ts';

export interface GateOptions {
  readonly scenarios: readonly string[];
  readonly chosenOnSeeds: readonly number[];
  readonly seeds: readonly number[];
  readonly jobs: number;
  readonly replay: string;
  readonly signal?: AbortSignal;
  readonly onDone?: (done: { readonly scenario: string; readonly seed: number }) => void;
}

const shownOneLiners = 12;

/** Records every scenario on every seed once and holds the suite against its gates. */
export async function runGates(options: GateOptions): Promise<TrivialityReport> {
  const { scenarios, chosenOnSeeds, seeds, onDone, replay } = options;
  const allSeeds = [...new Set([...chosenOnSeeds, ...seeds])];
  const requests = scenarios.flatMap((scenario) =>
    allSeeds.map((seed): RecordingRequest => ({ scenario, seed })),
  );
  const pool = new WorkerPool<RecordingRequest, RecordingSummary>(
    new URL('./worker.ts', import.meta.url),
    options,
  );
  try {
    const recordings = await pool.play(requests, onDone, worldKey);
    return judge(recordings);
  } finally {
    await pool.close();
  }

  function judge(recordings: readonly RecordingSummary[]): TrivialityReport {
    const chosenOn = recordings.filter(({ seed }) => chosenOnSeeds.includes(seed));
    const judged = recordings.filter(({ seed }) => seeds.includes(seed));
    const liners = scoreOneLiners({ chosenOn, judged }, 'component');
    const gates = [
      ...signalGates({ chosenOn, judged }, liners),
      ...metadataGates(judged, scenarios),
    ];
    return {
      schemaVersion: 1,
      chosenOnSeeds,
      seeds,
      recordings: judged.length,
      faulty: judged.filter(({ isFaulty }) => isFaulty).length,
      passed: gates.every(({ passed }) => passed),
      gates,
      figures: signalFigures({ chosenOn, judged }),
      oneLiners: liners.slice(0, shownOneLiners),
      byScenario: scenarioRows(judged, liners[0]),
      replay,
    };
  }
}
