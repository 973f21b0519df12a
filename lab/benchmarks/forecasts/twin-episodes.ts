import { createStream } from '../../../core/tools/index.ts';
import type { Episode, FaultTemplate, Range, Scenario } from '../../../core/truth/index.ts';
import { loadScenario, resolveEpisode } from '../../../scenarios/index.ts';
import type { WarmWorlds } from '../../warm-worlds.ts';

/**
 * How a scenario is played: as it is, with what fills up slowed down or passing, or load rising.
 */
export type Pace = 'as written' | 'slowed' | 'passing' | 'rising';

export interface EpisodeRequest {
  /** A shipped scenario's id. */
  readonly scenario: string;
  readonly seed: number;
  readonly pace: Pace;
}

/** Rates at which something fills up. */
const fillingRates = ['leakBytesPerSec', 'podBytesPerSec', 'lagPerSec'] as const;
/** Catalogue rates fill a limit in minutes; divided by these they take from minutes to hours. */
const slowest = 12;
const slowedHours = 3;
const hourMs = 3_600_000;
/** A growth that passes goes on for so long. */
const passingMs: Range = { low: 300_000, high: 1_200_000 };
/** A load that rises does so for so long. */
const risingMs: Range = { low: 2_400_000, high: 7_200_000 };

/** The ways in which a scenario's exhaustion can be made slow enough to be foretold. */
export function slowPaces(id: string): readonly Pace[] {
  const { faults } = loadScenario(id);
  const fills = faults.filter(({ parameters }) =>
    fillingRates.some((rate) => ((parameters[rate] as Range | undefined)?.high ?? 0) > 0),
  );
  return [
    ...(fills.length > 0 ? (['slowed'] as const) : []),
    ...(fills.some(({ kind }) => kind !== 'release') ? (['passing'] as const) : []),
    ...(faults.some(({ kind }) => kind === 'load_factor') ? (['rising'] as const) : []),
  ];
}

/** The scenario of a request with its draws made. */
export function drawEpisode(
  { scenario: id, seed, pace }: EpisodeRequest,
  worlds: WarmWorlds,
): Episode {
  const written = loadScenario(id);
  const scenario = pace === 'as written' ? written : slowed(written, seed, pace);
  return resolveEpisode(scenario, seed, worlds.describe(scenario).spec);
}

function slowed(scenario: Scenario, seed: number, pace: Pace): Scenario {
  const share = createStream(seed, `pace/${pace}`).next();
  const factor = Math.exp(-Math.log(slowest) * share);
  return {
    ...scenario,
    leadMs: { low: 0, high: 0 },
    durationMs: slowedHours * hourMs,
    faults: scenario.faults.map((fault) => {
      if (pace === 'rising' && fault.kind === 'load_factor') return rising(fault);
      return {
        ...fault,
        durationMs: pace === 'passing' && fault.kind !== 'release' ? passingMs : fault.durationMs,
        parameters: Object.fromEntries(
          Object.entries(fault.parameters).map(([name, value]) => {
            const isRate = fillingRates.some((rate) => rate === name);
            return [name, isRate ? times(value as Range, factor) : value];
          }),
        ),
      };
    }),
  };
}

function rising(fault: FaultTemplate): FaultTemplate {
  return { ...fault, durationMs: null, parameters: { ...fault.parameters, rampMs: risingMs } };
}

function times({ low, high }: Range, factor: number): Range {
  return { low: low * factor, high: high * factor };
}
