import type { Twin } from '../sim/index.ts';
import { countRequests } from './sli.ts';

/** Actions are judged over this long, with nothing else done. */
const judgedMs = 180_000;
/** Harm: lost more than this share of what was offered in that time. */
const harmShare = 0.01;

/**
 * Whether acting lost more user requests over the next three minutes than leaving things alone
 * would have: both forks start from the same instant and neither is touched again.
 */
export async function wasHarmful(before: Twin, after: Twin): Promise<boolean> {
  const [alone, acted] = [await playOut(before), await playOut(after)];
  return acted.lost - alone.lost > harmShare * alone.offered;
}

async function playOut(start: Twin): Promise<{ lost: number; offered: number }> {
  const twin = start.fork({ faults: 'keep', telemetry: false });
  const from = twin.truth.user.length;
  await twin.advance(twin.nowMs + judgedMs);
  const { offered, good } = countRequests(twin.truth.user.slice(from));
  return { lost: offered - good, offered };
}
