import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { addAttempt } from '../../../sim/data-plane/answers.ts';
import { appendCall, respond } from '../../../sim/data-plane/call-outcome.ts';
import { noTimeOut, sampleLatencyMs } from '../../../sim/data-plane/latency-law.ts';
import {
  closeFailures,
  closeMixture,
  createOutcome,
  errorShareOf,
  meanMsOf,
  type Outcome,
  okShareOf,
  openMixture,
  setInstantOk,
} from '../../../sim/data-plane/outcome.ts';
import { retryOutcome } from '../../../sim/data-plane/retry-outcome.ts';

const atOnce = { backoffMs: 0, persistence: 0, permitted: 1 };

/** An attempt with every way to end. */
const mixed: Outcome = {
  okShare: 0.6,
  okMs: 20,
  okVarianceMs2: 300,
  errorShare: 0.15,
  errorMs: 4,
  errorVarianceMs2: 16,
  slowOkShare: 0.05,
  slowOkMs: 300,
  slowOkVarianceMs2: 0,
  slowOkMinMs: 300,
  slowOkMaxMs: 300,
  slowErrorShare: 0.2,
  slowErrorMs: 500,
  slowErrorVarianceMs2: 0,
  slowErrorMinMs: 500,
  slowErrorMaxMs: 500,
};

interface Play {
  ok: boolean;
  slow: boolean;
  ms: number;
}

const trials = 200_000;

function playOnce(stream: { next(): number }, outcome: Outcome): Play {
  const u = stream.next();
  const quick = (meanMs: number, varianceMs2: number): number =>
    sampleLatencyMs({ meanMs, varianceMs2, ...noTimeOut }, stream.next());
  if (u < 0.6) return { ok: true, slow: false, ms: quick(outcome.okMs, outcome.okVarianceMs2) };
  if (u < 0.75)
    return { ok: false, slow: false, ms: quick(outcome.errorMs, outcome.errorVarianceMs2) };
  return u < 0.8
    ? { ok: true, slow: true, ms: outcome.slowOkMs }
    : { ok: false, slow: true, ms: outcome.slowErrorMs };
}

function playRetries(
  stream: { next(): number },
  law: { retries: number; backoffMs: number; persistence: number; permitted: number },
): Play {
  let ms = 0;
  let slow = false;
  let play: Play | undefined;
  for (let k = 0; ; k += 1) {
    const isLateAgain = play?.slow && law.persistence > 0 && stream.next() < law.persistence;
    if (!isLateAgain) play = playOnce(stream, mixed);
    ms += (play as Play).ms;
    slow ||= (play as Play).slow;
    const isOver = k === law.retries || (law.permitted < 1 && stream.next() >= law.permitted);
    if ((play as Play).ok || isOver) return { ok: (play as Play).ok, slow, ms };
    ms += law.backoffMs * 2 ** k;
  }
}

/** Compares shares, means and variances of the four ways with what playing them out gives. */
function expectLike(outcome: Outcome, plays: readonly Play[]): void {
  const ways = [
    {
      ok: true,
      slow: false,
      share: outcome.okShare,
      ms: outcome.okMs,
      variance: outcome.okVarianceMs2,
    },
    {
      ok: false,
      slow: false,
      share: outcome.errorShare,
      ms: outcome.errorMs,
      variance: outcome.errorVarianceMs2,
    },
    {
      ok: true,
      slow: true,
      share: outcome.slowOkShare,
      ms: outcome.slowOkMs,
      variance: outcome.slowOkVarianceMs2,
    },
    {
      ok: false,
      slow: true,
      share: outcome.slowErrorShare,
      ms: outcome.slowErrorMs,
      variance: outcome.slowErrorVarianceMs2,
    },
  ];
  for (const { ok, slow, share, ms, variance } of ways) {
    const own = plays.filter((play) => play.ok === ok && play.slow === slow);
    expect(own.length / plays.length).toBeCloseTo(share, 2);
    if (own.length < 1000) continue;
    const mean = own.reduce((sum, play) => sum + play.ms, 0) / own.length;
    expect(Math.abs(mean / ms - 1)).toBeLessThan(0.02);
    const spread = own.reduce((sum, play) => sum + (play.ms - mean) ** 2, 0) / own.length;
    expect(Math.abs(spread - variance)).toBeLessThan(0.06 * variance + 1e-6);
  }
}

describe('outcomes against playing them out', () => {
  it('retries', () => {
    const out = createOutcome();
    retryOutcome(out, mixed, { retries: 2, ...atOnce });
    const stream = createStream(1, 'retries');
    expectLike(
      out,
      Array.from({ length: trials }, () => playRetries(stream, { retries: 2, ...atOnce })),
    );
    expect(okShareOf(out) + errorShareOf(out)).toBeCloseTo(1, 12);
  });

  it.each([
    { retries: 2, backoffMs: 50, persistence: 0, permitted: 1 },
    { retries: 3, backoffMs: 0, persistence: 0, permitted: 0.4 },
  ])('retries with back-off $backoffMs ms and a share of $permitted let through', (law) => {
    const out = createOutcome();
    const tries = retryOutcome(out, mixed, law);
    const stream = createStream(1, 'guarded retries');
    expectLike(
      out,
      Array.from({ length: trials }, () => playRetries(stream, law)),
    );
    expect(okShareOf(out) + errorShareOf(out)).toBeCloseTo(1, 12);
    const again = errorShareOf(mixed) * law.permitted;
    expect(tries).toBeCloseTo((1 - again ** (law.retries + 1)) / (1 - again), 9);
  });

  it('a retry that meets the queue of its first attempt fails more often', () => {
    const law = { retries: 2, backoffMs: 0, persistence: 0.5, permitted: 1 };
    const out = createOutcome();
    retryOutcome(out, mixed, law);
    const stream = createStream(1, 'persistent queues');
    const plays = Array.from({ length: trials }, () => playRetries(stream, law));
    const failed = plays.filter(({ ok }) => !ok).length / trials;
    expect(errorShareOf(out)).toBeCloseTo(failed, 2);
    expect(failed).toBeGreaterThan(1.5 * errorShareOf(mixed) ** 3);
  });

  it('a sequence of one required call and an optional one that is made half the time', () => {
    const out = createOutcome();
    setInstantOk(out);
    appendCall(out, mixed, { probability: 1, optional: false });
    appendCall(out, mixed, { probability: 0.5, optional: true });
    closeFailures(out);
    const stream = createStream(1, 'sequence');
    const plays = Array.from({ length: trials }, () => {
      const first = playOnce(stream, mixed);
      if (!first.ok || stream.next() >= 0.5) return first;
      const second = playOnce(stream, mixed);
      return { ok: true, slow: first.slow || second.slow, ms: first.ms + second.ms };
    });
    expectLike(out, plays);
  });

  it('a time-out cuts an attempt short', () => {
    const out = createOutcome();
    openMixture(out);
    addAttempt(out, mixed, 1, { networkMs: 5, timeoutMs: 40 });
    closeMixture(out);
    const stream = createStream(1, 'timeout');
    const plays = Array.from({ length: trials }, () => {
      const play = playOnce(stream, mixed);
      const ms = play.ms + 5;
      return ms > 40 ? { ok: false, slow: true, ms: 40 } : { ...play, ms };
    });
    expectLike(out, plays);
  });

  it('a response adds its own time, errors and rejections', () => {
    const out = createOutcome();
    respond(out, { rejectShare: 0.1, errorShare: 0.2, ms: 10, varianceMs2: 100 }, mixed);
    expect(okShareOf(out)).toBeCloseTo(0.9 * 0.8 * 0.65, 12);
    expect(out.slowErrorMs).toBe(510);
    const calls = meanMsOf(mixed);
    expect(meanMsOf(out)).toBeCloseTo(0.9 * (10 + 0.8 * calls), 9);
  });
});
