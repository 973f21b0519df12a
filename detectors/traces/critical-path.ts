import type { Span } from '../../core/observable/index.ts';
import { isSection, type Trace } from './assemble-traces.ts';

/** Times are whole microseconds; siblings that touch must not seem to overlap. */
const touchMs = 0.01;

/**
 * How long each span held up the whole request, ms; the sum is the root's duration. Going back from
 * the root's end, the child that ended last held it up until it began; of children that ran at the
 * same time, only the last to end; gaps are the parent's own. A child that outlives its parent is
 * cut off at its end. Fails where the caller did not wait for what ended last. O(siblings²) per
 * span. After FIRM (OSDI 2020, algorithm 1) and CRISP (ATC 2022).
 */
export function criticalTimes(trace: Trace): Float64Array {
  const criticalMs = new Float64Array(trace.spans.length);
  if (trace.spans.length > 0) follow(trace, trace.root, endOf(trace, trace.root), criticalMs);
  return criticalMs;
}

function endOf({ spans, startsMs }: Trace, i: number): number {
  return (startsMs[i] as number) + (spans[i] as Span).durationMs;
}

/** Charges the time from a span's start to `untilMs`. */
function follow(trace: Trace, at: number, untilMs: number, criticalMs: Float64Array): void {
  const fromMs = trace.startsMs[at] as number;
  let cursorMs = untilMs;
  for (;;) {
    const child = lastBefore(trace, at, { fromMs, cursorMs, untilMs });
    if (child < 0) break;
    const endMs = Math.min(endOf(trace, child), untilMs, cursorMs);
    criticalMs[at] = (criticalMs[at] as number) + cursorMs - endMs;
    follow(trace, child, endMs, criticalMs);
    cursorMs = Math.max(fromMs, trace.startsMs[child] as number);
  }
  criticalMs[at] = (criticalMs[at] as number) + Math.max(0, cursorMs - fromMs);
}

/** The child that ended last of those that ended by the cursor and take any time. */
function lastBefore(
  trace: Trace,
  at: number,
  { fromMs, cursorMs, untilMs }: { fromMs: number; cursorMs: number; untilMs: number },
): number {
  let last = -1;
  let lastEndMs = fromMs;
  for (const child of trace.children[at] as readonly number[]) {
    if (isSection(trace.spans[child] as Span)) continue;
    const endMs = Math.min(endOf(trace, child), untilMs);
    const startMs = trace.startsMs[child] as number;
    if (endMs > cursorMs + touchMs || endMs <= lastEndMs || startMs >= Math.min(endMs, cursorMs))
      continue;
    last = child;
    lastEndMs = endMs;
  }
  return last;
}
