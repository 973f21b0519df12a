import { createStream, mean } from '../../core/tools/index.ts';
import type {
  Figure,
  OneLinerScore,
  TrivialityFigure,
  TrivialityGate,
  TrivialityReport,
} from '../../core/truth/index.ts';
import { rateFigure } from '../statistics/statistics.ts';
import {
  chooseConstant,
  chooseThreshold,
  eventF1,
  isSolved,
  type ScoredFrames,
} from './choose-constant.ts';
import { oneLiners } from './one-liners.ts';
import type { RecordingSummary } from './summarise-recording.ts';

export interface Recordings {
  /** Constants are chosen on these… */
  readonly chosenOn: readonly RecordingSummary[];
  /** …and judged on these. */
  readonly judged: readonly RecordingSummary[];
}

type Reads = (typeof oneLiners)[number]['reads'];

/** How far every one-liner of a kind gets, best first. */
export function scoreOneLiners({ chosenOn, judged }: Recordings, reads: Reads): OneLinerScore[] {
  const faulty = chosenOn.filter(({ isFaulty }) => isFaulty);
  const groups = byScenario(judged.filter(({ isFaulty }) => isFaulty));
  return oneLiners
    .flatMap((liner, i) => (liner.reads === reads ? [{ liner, i }] : []))
    .map(({ liner, i }): OneLinerScore => {
      const constant = chooseConstant(faulty.map((recording) => intervalOf(recording, i)));
      return {
        name: liner.name,
        constant,
        solved: rateFigure(
          groups.map((group) =>
            group.map((recording) => Number(isSolved(intervalOf(recording, i), constant))),
          ),
        ),
      };
    })
    .sort((a, b) => (b.solved.value ?? 0) - (a.solved.value ?? 0) || (a.name < b.name ? -1 : 1));
}

function intervalOf({ elsewhere, inTime }: RecordingSummary, i: number) {
  return { elsewhere: elsewhere[i] as number, inTime: inTime[i] as number };
}

/** Recordings in groups of one scenario each, in order of first appearance. */
export function byScenario(recordings: readonly RecordingSummary[]): RecordingSummary[][] {
  const groups = new Map<string, RecordingSummary[]>();
  for (const recording of recordings) {
    const group = groups.get(recording.scenario);
    if (group) group.push(recording);
    else groups.set(recording.scenario, [recording]);
  }
  return [...groups.values()];
}

/** The single metric whose threshold gives the best event F1 among one-liners of a kind. */
export function bestThreshold(
  { chosenOn, judged }: Recordings,
  reads: Reads,
): { readonly name: string; readonly f1: Figure } {
  const thresholds = oneLiners.filter(({ isThreshold }) => isThreshold);
  let best = { name: 'none', at: -1, constant: Number.NaN, f1: -1 };
  thresholds.forEach((liner, at) => {
    if (liner.reads !== reads) return;
    const constant = chooseThreshold(framesOf(chosenOn, at));
    const f1 = eventF1(framesOf(judged, at), constant);
    if (f1 > best.f1) best = { name: `${liner.name} > ${round(constant)}`, at, constant, f1 };
  });
  return { name: best.name, f1: f1Figure(judged, best.at, best.constant) };
}

function framesOf(recordings: readonly RecordingSummary[], at: number): ScoredFrames[] {
  return recordings.map(({ rows, isEvent, isFaulty }) => ({
    row: rows[at] as Float64Array,
    isEvent,
    isFaulty,
  }));
}

const resamples = 300;

/** F1 with a percentile bootstrap over scenarios. */
function f1Figure(judged: readonly RecordingSummary[], at: number, constant: number): Figure {
  const groups = byScenario(judged).map((group) => framesOf(group, at));
  const value = eventF1(groups.flat(), constant);
  const stream = createStream(20_260, 'event-f1');
  const drawn = Array.from({ length: resamples }, () =>
    eventF1(
      groups.flatMap(() => groups[stream.integer(groups.length)] as ScoredFrames[]),
      constant,
    ),
  ).sort((a, b) => a - b);
  return {
    value,
    low: drawn[Math.floor(0.025 * resamples)] ?? null,
    high: drawn[Math.floor(0.975 * resamples)] ?? null,
    n: judged.length,
  };
}

/** The gates on one-liners and loudness. */
export function signalGates(
  recordings: Recordings,
  liners: readonly OneLinerScore[],
): TrivialityGate[] {
  const [best] = liners;
  const [random] = scoreOneLiners(recordings, 'nothing').filter(({ name }) => name === 'random');
  const threshold = bestThreshold(recordings, 'component');
  const faulty = recordings.judged.filter(({ localization }) => localization !== null);
  const groups = byScenario(faulty);
  const found = rateFigure(
    groups.map((group) => group.map((entry) => Number(entry.localization?.loudestServiceFound))),
  );
  const loudest = rateFigure(
    groups.map((group) =>
      group.flatMap(({ localization }) => {
        const isLoudest = localization?.causeIsLoudest ?? null;
        return isLoudest === null ? [] : [Number(isLoudest)];
      }),
    ),
  );
  const guess = mean(faulty.map(({ localization }) => 1 / (localization?.services ?? 1)));
  const chance: Figure = { value: guess, low: null, high: null, n: faulty.length };
  return [
    atMost('share of faults a one-line detector solves', 0.2, {
      reached: best?.solved ?? found,
      chance: random?.solved ?? null,
      detail: best ? `${best.name} > ${round(best.constant)}` : 'no recordings',
    }),
    atMost('event F1 of the best single-metric threshold', 0.6, {
      reached: threshold.f1,
      chance: bestThreshold(recordings, 'nothing').f1,
      detail: threshold.name,
    }),
    atMost('top-1 of the loudest-service localizer', 0.5, {
      reached: found,
      chance,
      detail: 'a minute after onset, against every accepted root cause',
    }),
    atMost('share of root causes that are the loudest service', 0.6, {
      reached: loudest,
      chance,
      detail: 'where the root cause is a service; its own series and its pods’',
    }),
  ];
}

function atMost(
  name: string,
  limit: number,
  said: Pick<TrivialityGate, 'reached' | 'chance' | 'detail'>,
): TrivialityGate {
  const { value } = said.reached;
  return { name, limit: `<= ${limit}`, ...said, passed: value !== null && value <= limit };
}

/** What is told without a limit: one-liners on what users feel, and on the clock. */
export function signalFigures(recordings: Recordings): TrivialityFigure[] {
  const [entry] = scoreOneLiners(recordings, 'entry');
  const clock = scoreOneLiners(recordings, 'nothing').find(({ name }) => name === 'the clock');
  const threshold = bestThreshold(recordings, 'entry');
  const figures: TrivialityFigure[] = [];
  if (entry) {
    figures.push({
      name: 'share of faults a one-liner on entry SLIs solves',
      reached: entry.solved,
      detail: `${entry.name} > ${round(entry.constant)}`,
    });
  }
  figures.push({
    name: 'event F1 of the best threshold on entry SLIs',
    reached: threshold.f1,
    detail: threshold.name,
  });
  if (clock) {
    const minutes = round(clock.constant / 60_000);
    figures.push({
      name: 'share of faults a fixed time solves',
      reached: clock.solved,
      detail: `an alarm ${minutes} min into every run`,
    });
  }
  return figures;
}

/** Per scenario what the best one-liner and the loudest service reach. */
export function scenarioRows(
  judged: readonly RecordingSummary[],
  best: OneLinerScore | undefined,
): TrivialityReport['byScenario'] {
  const index = oneLiners.findIndex(({ name }) => name === best?.name);
  return byScenario(judged).map((group) => {
    const faulty = group.filter(({ isFaulty }) => isFaulty);
    const share = (read: (recording: RecordingSummary) => boolean | null): number | null => {
      const values = faulty.map(read).filter((value) => value !== null);
      return values.length > 0 ? mean(values.map(Number)) : null;
    };
    return {
      id: group[0]?.scenario ?? '',
      recordings: group.length,
      solvedByBestOneLiner: best
        ? share((recording) => isSolved(intervalOf(recording, index), best.constant))
        : null,
      foundByLoudestService: share(({ localization }) => localization?.loudestServiceFound ?? null),
      causeIsLoudest: share(({ localization }) => localization?.causeIsLoudest ?? null),
    };
  });
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
