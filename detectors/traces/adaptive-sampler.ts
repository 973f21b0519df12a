import type { Span } from '../../core/observable/index.ts';
import { createDrawKey, hashText, uniformAt } from '../../core/tools/index.ts';
import { assembleTraces, type Trace } from './assemble-traces.ts';
import { LatencySketch } from './latency-sketch.ts';
import { TraceBudget } from './trace-budget.ts';
import { type Evidence, TraceEvidence, type Verdict } from './trace-evidence.ts';
import type { Reasons } from './visit-watch.ts';

/**
 * Why a trace was kept: it failed or was slow; a place it went through is under suspicion; the
 * same, but only after it had waited; its shape is rare; or a coin that knows nothing said so.
 */
export const samplerTiers = ['symptom', 'state', 'pulled', 'diversity', 'uniform'] as const;

export type SamplerTier = (typeof samplerTiers)[number];

export interface KeptTrace {
  readonly trace: Trace;
  readonly tier: SamplerTier;
  /** How strange it is, in powers of ten; 0 or more. */
  readonly score: number;
}

export interface SamplerOptions {
  /** Share of traces that may be kept, 0 to 1; 0.05 unless given. */
  readonly budget?: number;
  /** Share of traces that is kept by a coin, out of the budget; 0.005 unless given. */
  readonly uniformShare?: number;
  /** Traces whose budget can be saved up for worse times; 4,000 unless given. */
  readonly burstTraces?: number;
  /** Scrapes that a trace may wait for a decision; 4 unless given. */
  readonly holdScrapes?: number;
  /** Traces that wait at most; beyond, the oldest are decided early. 20,000 unless given. */
  readonly waitingMax?: number;
}

/** A trace that nothing was decided about, or that was kept and still counts for comparison. */
interface Waiting {
  readonly trace: Trace;
  readonly evidence: Evidence;
  readonly scrape: number;
  readonly coin: number;
  verdict: Verdict;
  isKept: boolean;
}

/** Stranger than all but this share of the traces so far: strange enough to spend savings on. */
const strangeShare = 0.03;
const strangeMin = 1.5;
/** Savings, as a share of all that can be saved, that only the coin may touch. */
const coinReserve = 0.02;
/** Below these savings nothing is kept only because a place came up or became slower, */
const movedReserve = 0.3;
/** only because it went through a suspect place, */
const wayReserve = 0.5;
/** or because there is nothing better to keep. */
const ordinaryReserve = 0.6;
/** What lies within this share of the way from a little strange to strange is nearly as strange. */
const nearReach = 0.4;

/**
 * Chooses which traces to keep within a budget. Each scrape, all traces of the last minute are
 * weighed again in the light of what is known by then, so one that seemed ordinary is still pulled
 * when a place on its way comes under suspicion. The strangest are kept first; strange ones may use
 * up savings, ordinary ones only what would overflow. A coin, the hash of the trace's id, keeps a
 * known share of all. Finds what is neither slow, failed nor shaped differently only on its way
 * through a place that has just come up, became slower or is under suspicion. About 9 µs per span.
 */
export class AdaptiveSampler {
  readonly budget: TraceBudget;
  readonly #uniformShare: number;
  readonly #holdScrapes: number;
  readonly #waitingMax: number;
  readonly #evidence = new TraceEvidence();
  readonly #recorders = new Set<string>();
  readonly #coinKey = createDrawKey(1, 'traces/coin');
  /** Scores of traces when they came, as a sketch of one row. */
  readonly #scores = new LatencySketch();
  #waiting: Waiting[] = [];
  #scrape = 0;

  constructor({
    budget = 0.05,
    uniformShare = 0.005,
    burstTraces = 4000,
    holdScrapes = 4,
    waitingMax = 20_000,
  }: SamplerOptions = {}) {
    this.budget = new TraceBudget({ share: budget, burstTraces });
    this.#uniformShare = uniformShare;
    this.#holdScrapes = holdScrapes;
    this.#waitingMax = waitingMax;
  }

  /**
   * Takes the spans of a scrape and gives the traces that are kept now, of this scrape or of one
   * before. What went through a suspect service or a restarted pod counts more.
   */
  observe(spans: readonly Span[], reasons: Partial<Reasons> = {}): KeptTrace[] {
    const { suspects = new Set(), restarted = new Set() } = reasons;
    this.#scrape += 1;
    const traces = assembleTraces(spans, this.#recorders);
    this.budget.earn(traces.length);
    const found = this.#evidence.take(traces, { suspects, restarted });
    this.#waiting = this.#waiting.filter(({ scrape }) => this.#scrape - scrape < this.#holdScrapes);
    const isSuspect = (service: string): boolean => suspects.has(service);
    for (const waiting of this.#waiting) {
      waiting.verdict = this.#evidence.judge(waiting.evidence, isSuspect);
    }
    traces.forEach((trace, i) => {
      const evidence = found[i] as Evidence;
      this.#waiting.push({
        trace,
        evidence,
        scrape: this.#scrape,
        coin: uniformAt(this.#coinKey, hashText(trace.traceId), 0),
        verdict: this.#evidence.judge(evidence, isSuspect),
        isKept: false,
      });
    });
    for (const { scrape, verdict } of this.#waiting) {
      if (scrape === this.#scrape) this.#scores.learn('', Math.exp(verdict.known));
    }
    const overflow = this.#waiting.length - this.#waitingMax;
    if (overflow > 0) this.#waiting.splice(0, overflow);
    return this.#choose();
  }

  #choose(): KeptTrace[] {
    const kept: KeptTrace[] = [];
    for (const waiting of this.#waiting) {
      if (waiting.scrape !== this.#scrape || waiting.coin >= this.#uniformShare) continue;
      if (this.budget.trySpend(0)) kept.push(keep(waiting, 'uniform'));
    }
    const usually = Math.log(this.#scores.quantile('', 1 - strangeShare));
    const strangeFrom = Math.max(strangeMin, usually || 0);
    const reserveOf = ({ verdict }: Waiting): number => reserveFor(verdict, strangeFrom);
    const ranked = this.#waiting
      .filter(({ isKept }) => !isKept)
      .sort(
        (a, b) =>
          reserveOf(a) - reserveOf(b) || b.verdict.score - a.verdict.score || a.coin - b.coin,
      );
    for (const waiting of ranked) {
      if (!this.budget.trySpend(reserveOf(waiting))) break;
      kept.push(keep(waiting, this.#tierOf(waiting)));
    }
    return kept;
  }

  #tierOf({ scrape, verdict }: Waiting): SamplerTier {
    if (verdict.finding === 'shape') return 'diversity';
    if (verdict.score <= verdict.own) return 'symptom';
    return scrape === this.#scrape ? 'state' : 'pulled';
  }
}

/**
 * After a bad time only the very strange is strange, and savings would lie idle: what is nearly as
 * strange may use the more of them the nearer it comes.
 */
function reserveFor({ known, found, score }: Verdict, strangeFrom: number): number {
  if (known >= strangeFrom) return coinReserve;
  const reach = nearReach * Math.max(strangeFrom - strangeMin, 1e-9);
  const lacking = Math.min(1, (strangeFrom - known) / reach);
  const near = coinReserve + lacking * (ordinaryReserve - coinReserve);
  if (found >= strangeFrom) return Math.min(near, movedReserve);
  return score >= strangeFrom ? Math.min(near, wayReserve) : near;
}

function keep(waiting: Waiting, tier: SamplerTier): KeptTrace {
  waiting.isKept = true;
  return { trace: waiting.trace, tier, score: waiting.verdict.score };
}
