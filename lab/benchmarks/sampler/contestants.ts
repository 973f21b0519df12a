import type { Span } from '../../../core/observable/index.ts';
import { createDrawKey, hashText, uniformAt } from '../../../core/tools/index.ts';
import { AdaptiveSampler, TraceBudget } from '../../../detectors/index.ts';

/** Share of traces that may be kept. */
export const budgetShare = 0.05;

/** A trace by its id. */
type IdentifiedTrace = readonly [traceId: string, spans: readonly Span[]];

/** The traces that are kept after a scrape: of its own, or of scrapes before. */
type Sampler = (scrape: {
  readonly traces: ReadonlyMap<string, readonly Span[]>;
  readonly suspects: ReadonlySet<string>;
  readonly restarted: ReadonlySet<string>;
}) => readonly IdentifiedTrace[];

/** A way to choose traces. */
export interface Contestant {
  readonly name: string;
  readonly kind: 'ours' | 'baseline';
  /** What it can and cannot reach. */
  readonly reach: string;
  /** A fresh sampler; `burstTraces` is what a budget can be saved up for. */
  create(burstTraces: number): Sampler;
}

/** Everybody who takes part, in the order of the table. */
export const contestants: readonly Contestant[] = [
  {
    name: 'adaptive',
    kind: 'ours',
    reach: 'failed, slow for its operation, rare shape, on a suspect way; never above the budget',
    create: (burstTraces) => {
      const sampler = new AdaptiveSampler({ budget: budgetShare, burstTraces });
      return ({ traces, suspects, restarted }) =>
        sampler
          .observe([...traces.values()].flat(), { suspects, restarted })
          .map(({ trace }) => [trace.traceId, trace.spans]);
    },
  },
  {
    name: 'head',
    kind: 'baseline',
    reach: 'decides before anything is known: its share of everything, and no more',
    create: () => keepSome(() => budgetShare),
  },
  {
    name: 'tail_rules',
    kind: 'baseline',
    reach:
      'every failure and every request above 500 ms, whatever they cost; not what is slow below',
    create: () => tailRules(() => true),
  },
  {
    name: 'tail_rules_capped',
    kind: 'baseline',
    reach: 'the same until the budget is spent, first come first served',
    create: (burstTraces) => {
      const budget = new TraceBudget({ share: budgetShare, burstTraces });
      return tailRules(
        () => budget.trySpend(0),
        (traces) => budget.earn(traces),
      );
    },
  },
  {
    name: 'rate_rule',
    kind: 'baseline',
    reach: 'a tenth, three tenths while an incident is open: at best 30 % of what was affected',
    create: () => keepSome((suspects) => (suspects.size > 0 ? 0.3 : 0.1)),
  },
];

/** Keeps a share of traces by the hash of their ids, modulo 10,000. */
function keepSome(share: (suspects: ReadonlySet<string>) => number): Sampler {
  return ({ traces, suspects }) => {
    const limit = share(suspects) * 10_000;
    return [...traces].filter(([traceId]) => coinOf(traceId) * 10_000 < limit);
  };
}

const coinKey = createDrawKey(1, 'traces/baseline-coin');

function coinOf(traceId: string): number {
  return uniformAt(coinKey, hashText(traceId), 0);
}

/**
 * What the OpenTelemetry collector's tail sampling offers: policies, any of which keeps a trace.
 */
const slowMs = 500;
const restShare = 0.01;

function tailRules(mayKeep: () => boolean, onTraces: (traces: number) => void = () => {}): Sampler {
  return ({ traces }) => {
    onTraces(traces.size);
    const wanted = [...traces].filter(
      ([traceId, own]) =>
        own.some(({ status, durationMs }) => status === 'error' || durationMs > slowMs) ||
        coinOf(traceId) < restShare,
    );
    return wanted.filter(() => mayKeep());
  };
}
