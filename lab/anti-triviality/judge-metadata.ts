import { mean } from '../../core/tools/index.ts';
import type { Figure, TrivialityGate } from '../../core/truth/index.ts';
import {
  expectedUtilization,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { rateFigure, wilsonFigure } from '../statistics/statistics.ts';
import { byScenario } from './judge-suite.ts';
import { uniformityOf } from './kolmogorov-smirnov.ts';
import { type Case, logOdds, nameBucket, quarterOf } from './metadata.ts';
import type { RecordingSummary } from './summarise-recording.ts';

/** Starts are drawn for these seeds; nothing is played for them. */
const startSeeds = 99;
const significance = 0.05;

/** The gates on what is known without telemetry; `names` are the suite's scenarios. */
export function metadataGates(
  judged: readonly RecordingSummary[],
  names: readonly string[],
): TrivialityGate[] {
  return [rootCauseByName(judged), faultByRun(judged), startsUniform(names)];
}

/** Whether popularity and name tell which service is at fault. */
function rootCauseByName(judged: readonly RecordingSummary[]): TrivialityGate {
  const asked = judged.filter(({ localization }) => (localization?.rootServices.length ?? 0) > 0);
  const cases = new Map(asked.map((recording) => [recording, casesOf(recording)]));
  const all = [...cases.values()].flatMap((entries) => entries.map(({ known }) => known));
  const hits = byScenario(asked).map((group) =>
    group.map((recording) => {
      const ranked = (cases.get(recording) ?? []).map(({ known }) => ({
        isPositive: known.isPositive,
        odds: logOdds(all, known),
      }));
      const most = Math.max(...ranked.map(({ odds }) => odds));
      // Of equals each is as good a guess as the other.
      return mean(
        ranked.filter(({ odds }) => odds === most).map((entry) => Number(entry.isPositive)),
      );
    }),
  );
  const guess = mean(
    asked.map(({ localization }) =>
      localization ? localization.rootServices.length / localization.services : 0,
    ),
  );
  return atChance('metadata names the root cause', {
    reached: rateFigure(hits),
    guess,
    detail: 'popularity and name of the service, learnt from other scenarios',
  });
}

function casesOf(recording: RecordingSummary): { known: Case }[] {
  const { scenario, localization } = recording;
  const { topology, workload } = loadScenario(scenario);
  const loads = expectedUtilization(loadTopology(topology, { workload }));
  const rates = loads.map(({ requestsPerSec }) => requestsPerSec);
  return loads.map(({ service, requestsPerSec }) => ({
    known: {
      scenario,
      attributes: [quarterOf(rates, requestsPerSec), nameBucket(service)],
      isPositive: localization?.rootServices.includes(service) ?? false,
    },
  }));
}

/** Whether length of the run and the name of the topology tell if there is a fault at all. */
function faultByRun(judged: readonly RecordingSummary[]): TrivialityGate {
  // Seeds of one scenario share all that is known here; they are one case.
  const scenarios = byScenario(judged).flatMap(([first]) => first ?? []);
  const durations = scenarios.map(({ durationMs }) => durationMs);
  const cases = scenarios.map(
    ({ scenario, durationMs, topology, isFaulty }): Case => ({
      scenario,
      attributes: [quarterOf(durations, durationMs), nameBucket(topology)],
      isPositive: isFaulty,
    }),
  );
  const isRight = (asked: Case): boolean => {
    const others = cases.filter(({ scenario }) => scenario !== asked.scenario);
    const positives = others.filter(({ isPositive }) => isPositive).length;
    const prior = Math.log((positives + 1) / (others.length - positives + 1));
    return logOdds(cases, asked) > prior === asked.isPositive;
  };
  const rateOf = (isPositive: boolean): Figure => {
    const some = cases.filter((entry) => entry.isPositive === isPositive);
    return wilsonFigure(some.filter(isRight).length, some.length);
  };
  const [faulty, healthy] = [rateOf(true), rateOf(false)];
  const middle = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? null : (a + b) / 2;
  return atChance('metadata tells faulty runs (balanced accuracy)', {
    reached: {
      value: middle(faulty.value, healthy.value),
      low: middle(faulty.low, healthy.low),
      high: middle(faulty.high, healthy.high),
      n: cases.length,
    },
    guess: 0.5,
    detail: 'length of the run and name of its topology, learnt from other scenarios',
  });
}

function atChance(
  name: string,
  said: { readonly reached: Figure; readonly guess: number; readonly detail: string },
): TrivialityGate {
  const { reached, guess, detail } = said;
  const chance = { value: guess, low: null, high: null, n: reached.n };
  const passed = reached.low !== null && reached.low <= guess;
  return { name, limit: 'interval covers chance', reached, chance, passed, detail };
}

/**
 * Whether starts are uniform where they may lie; starts of one seed share their draw, so scenarios
 * are tested one by one (Bonferroni). Where in a run that is, is not tested: a run has to last an
 * hour after its latest start.
 */
function startsUniform(names: readonly string[]): TrivialityGate {
  let worst = { name: 'no drawn start', distance: 0, p: 1 };
  let tested = 0;
  for (const name of names) {
    const scenario = loadScenario(name);
    const [first] = scenario.faults;
    if (!first) continue;
    const low = first.startMs.low + scenario.leadMs.low;
    const high = first.startMs.high + scenario.leadMs.high;
    if (high <= low) continue;
    const spec = loadTopology(scenario.topology, { workload: scenario.workload });
    const positions = Array.from({ length: startSeeds }, (_, i) => {
      const startMs = resolveEpisode(scenario, i + 1, spec).faults[0]?.startMs ?? low;
      return (startMs - low) / (high - low);
    });
    tested += 1;
    const { distance, p } = uniformityOf(positions);
    if (p < worst.p) worst = { name, distance, p };
  }
  const reached = { value: worst.distance, low: null, high: null, n: startSeeds };
  return {
    name: 'starts are uniform (largest Kolmogorov–Smirnov distance)',
    limit: `p > ${significance} over ${tested} scenarios`,
    reached,
    chance: null,
    passed: worst.p * tested > significance,
    detail: `${worst.name}, p = ${worst.p.toPrecision(2)}`,
  };
}
