import type { Effect } from './label-affected.ts';

/** Affected and all traces are counted by windows of so many scrapes, which is five minutes. */
const windowScrapes = 20;
/** Few are affected while at most this share is. */
const fewShare = 0.03;

interface Window {
  traces: number;
  readonly affected: Map<string, Effect>;
}

/** What was affected in a trial, window by window from the fault on. */
export class WindowTally {
  readonly #windows: Window[] = [];
  #scrapes = 0;
  traces = 0;

  /** Counts a scrape; before the fault there are no effects and no windows. */
  add(traces: number, effects: ReadonlyMap<string, Effect> | null): void {
    this.traces += traces;
    if (effects === null) return;
    const number = Math.floor(this.#scrapes / windowScrapes);
    this.#scrapes += 1;
    this.#windows[number] ??= { traces: 0, affected: new Map() };
    const window = this.#windows[number];
    window.traces += traces;
    for (const [traceId, effect] of effects) window.affected.set(traceId, effect);
  }

  /** Traces of windows in which few, or many, were affected, with what the fault did to them. */
  affected(share: 'few' | 'many'): readonly (readonly [traceId: string, effect: Effect])[] {
    return this.#windows.flatMap(({ traces, affected }) => {
      const count = [...affected.values()].filter((effect) => effect !== 'slight').length;
      return (count <= fewShare * traces ? 'few' : 'many') === share ? [...affected] : [];
    });
  }
}

/** What one sampler made of one trial. */
export interface TrialScore {
  readonly scenario: string;
  readonly row: string;
  /** Per affected trace in windows where few are: 1 when it was kept. */
  readonly whileFew: readonly number[];
  readonly whileMany: { readonly kept: number; readonly n: number };
  readonly byEffect: Readonly<Record<Effect, { readonly kept: number; readonly n: number }>>;
  readonly kept: number;
  readonly traces: number;
  readonly bytes: TraceBytes;
}

export interface TraceBytes {
  /** All traces, the kept ones, and these as they are written, compressed. */
  readonly all: number;
  readonly kept: number;
  readonly zstd: number;
}

/** Scores what was kept, by trace id. */
export function scoreTrial(
  { scenario, row }: Pick<TrialScore, 'scenario' | 'row'>,
  { kept, bytes }: { readonly kept: ReadonlySet<string>; readonly bytes: TraceBytes },
  tally: WindowTally,
): TrialScore {
  const few = tally.affected('few');
  const many = tally.affected('many').filter(([, effect]) => effect !== 'slight');
  const count = (effect: Effect): { kept: number; n: number } => {
    const own = few.filter(([, found]) => found === effect);
    return { kept: own.filter(([traceId]) => kept.has(traceId)).length, n: own.length };
  };
  return {
    scenario,
    row,
    whileFew: few
      .filter(([, effect]) => effect !== 'slight')
      .map(([traceId]) => (kept.has(traceId) ? 1 : 0)),
    whileMany: { kept: many.filter(([traceId]) => kept.has(traceId)).length, n: many.length },
    byEffect: {
      outcome: count('outcome'),
      path: count('path'),
      time: count('time'),
      slight: count('slight'),
    },
    kept: kept.size,
    traces: tally.traces,
    bytes,
  };
}
