import type { CallOrder } from './operation-statistics.ts';

/** One place in an operation's sequence of calls. */
export interface CallSlot {
  readonly callee: string;
  /** Mean calls per request, and the variance of that mean. */
  count: number;
  countVariance: number;
}

/** Orders that fewer requests than this share follow do not shape the sequence. */
const rareShare = 0.005;
/** A sequence longer than this many times its different callees is no sequence: calls overlap. */
const stretchMax = 3;

/**
 * The sequence of calls behind many observed orders: the shortest common supersequence of the
 * frequent ones, most frequent first, so that calls that are made now and then keep their place.
 * Where the order changes from request to request, each callee gets one place, by mean position.
 * Totals per callee are exact; a run that is split only now and then counts for its first place.
 */
export function findCallSlots(orders: readonly CallOrder[]): CallSlot[] {
  const requests = orders.reduce((sum, order) => sum + order.requests, 0);
  const callees = new Set(orders.flatMap((order) => order.callees));
  const byFrequency = [...orders].sort(
    (a, b) => b.requests - a.requests || b.callees.length - a.callees.length,
  );
  let sequence: readonly string[] = [];
  for (const order of byFrequency) {
    if (order.requests < rareShare * requests) break;
    sequence = shortestSupersequence(sequence, order.callees);
  }
  if (sequence.length > stretchMax * callees.size) sequence = byMeanPosition(orders);
  const missing = [...callees].filter((callee) => !sequence.includes(callee));
  return countCalls([...sequence, ...missing], orders, requests);
}

/** By dynamic programming over the longest common subsequence. */
function shortestSupersequence(a: readonly string[], b: readonly string[]): string[] {
  const width = b.length + 1;
  const common = new Int32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const merged: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const takesBoth = i < a.length && j < b.length && a[i] === b[j];
    const takesFirst = i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1));
    merged.push((takesBoth || takesFirst ? a[i] : b[j]) as string);
    if (takesBoth || takesFirst) i += 1;
    if (takesBoth || !takesFirst) j += 1;
  }
  return merged;
}

function byMeanPosition(orders: readonly CallOrder[]): string[] {
  const positions = new Map<string, { sum: number; weight: number }>();
  for (const { callees, requests } of orders) {
    callees.forEach((callee, position) => {
      const known = positions.get(callee) ?? { sum: 0, weight: 0 };
      known.sum += requests * (position / callees.length);
      known.weight += requests;
      positions.set(callee, known);
    });
  }
  return [...positions]
    .sort(([, a], [, b]) => a.sum / a.weight - b.sum / b.weight)
    .map(([callee]) => callee);
}

function countCalls(
  sequence: readonly string[],
  orders: readonly CallOrder[],
  requests: number,
): CallSlot[] {
  const sums = new Float64Array(sequence.length);
  const squares = new Float64Array(sequence.length);
  for (const order of orders) {
    let from = 0;
    order.callees.forEach((callee, i) => {
      const next = sequence.indexOf(callee, from);
      const slot = next >= 0 ? next : sequence.indexOf(callee);
      if (next >= 0) from = next + 1;
      (sums[slot] as number) += order.countSums[i] as number;
      (squares[slot] as number) += order.countSquares[i] as number;
    });
  }
  return sequence.map((callee, slot) => {
    const count = (sums[slot] as number) / requests;
    const variance = Math.max(0, (squares[slot] as number) / requests - count * count);
    const whole = Math.round(count);
    // A whole number of calls, but for requests that were cut short.
    if (variance < rareShare && Math.abs(count - whole) < rareShare * Math.max(1, whole)) {
      return { callee, count: whole, countVariance: 0 };
    }
    return { callee, count, countVariance: variance / requests };
  });
}
