import type { Span } from '../../core/observable/index.ts';

/** The spans of one request, linked; arrays run parallel to `spans`. */
export interface Trace {
  readonly traceId: string;
  readonly spans: readonly Span[];
  /** The span without a parent, or else the first whose parent is missing. */
  readonly root: number;
  /** -1: none, or missing. */
  readonly parents: Int32Array;
  readonly children: readonly (readonly number[])[];
  /** Where each span lies on the clock of the root, ms: clocks of pods differ. */
  readonly startsMs: Float64Array;
  /** Time in a span and in none of its children, ms; of a client span, what the way took. */
  readonly selfMs: Float64Array;
  /** Spans are missing: a parent, or the server's side of a call that went well. */
  readonly isBroken: boolean;
}

/** A section of a process; part of the span around it. */
export function isSection({ kind }: Span): boolean {
  return kind === 'internal';
}

/**
 * Links spans into traces, in order of first appearance. `recorders` names the services that keep
 * records of their own, and learns those of the given spans. A child on another pod's clock that
 * does not fit into its parent is moved to its middle. Children that overlap count once. Linear in
 * spans, but for siblings, which are sorted.
 */
export function assembleTraces(spans: readonly Span[], recorders: Set<string>): Trace[] {
  const members = new Map<string, Span[]>();
  for (const span of spans) {
    if (span.kind === 'server') recorders.add(span.resource.service);
    const known = members.get(span.traceId);
    if (known) known.push(span);
    else members.set(span.traceId, [span]);
  }
  return [...members].map(([traceId, own]) => assemble(traceId, own, recorders));
}

function assemble(traceId: string, spans: readonly Span[], recorders: ReadonlySet<string>): Trace {
  const positions = new Map<string, number>();
  for (let i = 0; i < spans.length; i += 1) positions.set((spans[i] as Span).spanId, i);
  const parents = new Int32Array(spans.length).fill(-1);
  const children: number[][] = spans.map(() => []);
  let root = -1;
  let orphan = -1;
  for (let i = 0; i < spans.length; i += 1) {
    const { parentSpanId } = spans[i] as Span;
    const parent = parentSpanId === null ? undefined : positions.get(parentSpanId);
    if (parentSpanId === null) root = i;
    else if (parent === undefined || leadsTo(parents, parent, i)) {
      if (orphan < 0) orphan = i;
    } else {
      parents[i] = parent;
      (children[parent] as number[]).push(i);
    }
  }
  const isCut = orphan >= 0 || root < 0 || hasLostServer(spans, children, recorders);
  const links = { spans, parents, children, root: root < 0 ? Math.max(0, orphan) : root };
  const startsMs = alignClocks(links);
  return { traceId, ...links, startsMs, selfMs: selfTimes(links, startsMs), isBroken: isCut };
}

/** Whether the way up from a span comes to another one, as only malformed traces have it. */
function leadsTo(parents: Int32Array, from: number, target: number): boolean {
  let at = from;
  while (at >= 0 && at !== target) at = parents[at] as number;
  return at === target;
}

type Links = Pick<Trace, 'spans' | 'parents' | 'children' | 'root'>;

/** The service that a client span calls, as the client knows it. */
export function peerOf({ attributes, resource }: Span): string {
  return String(attributes['peer.service'] ?? resource.service);
}

function hasLostServer(
  spans: readonly Span[],
  children: readonly (readonly number[])[],
  recorders: ReadonlySet<string>,
): boolean {
  for (let i = 0; i < spans.length; i += 1) {
    const span = spans[i] as Span;
    if (span.kind !== 'client' || span.status !== 'ok') continue;
    if ((children[i] as readonly number[]).length === 0 && recorders.has(peerOf(span))) return true;
  }
  return false;
}

function alignClocks({ spans, parents, root }: Links): Float64Array {
  const startsMs = Float64Array.from(spans, ({ startMs }) => startMs);
  const isPlaced = new Uint8Array(spans.length);
  isPlaced[root] = 1;
  const place = (i: number): void => {
    if (isPlaced[i]) return;
    isPlaced[i] = 1;
    const p = parents[i] as number;
    if (p < 0) return;
    place(p);
    const [span, parent] = [spans[i] as Span, spans[p] as Span];
    const offsetMs = span.startMs - parent.startMs;
    const slackMs = parent.durationMs - span.durationMs;
    const fits =
      span.resource.pod === parent.resource.pod || (offsetMs >= 0 && offsetMs <= slackMs);
    startsMs[i] = (startsMs[p] as number) + (fits ? offsetMs : Math.max(0, slackMs / 2));
  };
  for (let i = 0; i < spans.length; i += 1) place(i);
  return startsMs;
}

function selfTimes({ spans, children }: Links, startsMs: Float64Array): Float64Array {
  const selfMs = new Float64Array(spans.length);
  for (let i = 0; i < spans.length; i += 1) {
    const { durationMs } = spans[i] as Span;
    const own = (children[i] as number[]).filter((child) => !isSection(spans[child] as Span));
    if (own.length > 1) own.sort((a, b) => (startsMs[a] as number) - (startsMs[b] as number));
    const fromMs = startsMs[i] as number;
    let reachedMs = fromMs;
    let coveredMs = 0;
    for (const child of own) {
      const startMs = Math.max(reachedMs, startsMs[child] as number);
      const endMs = (startsMs[child] as number) + (spans[child] as Span).durationMs;
      const untilMs = Math.min(fromMs + durationMs, endMs);
      coveredMs += Math.max(0, untilMs - startMs);
      reachedMs = Math.max(reachedMs, untilMs);
    }
    selfMs[i] = Math.max(0, durationMs - coveredMs);
  }
  return selfMs;
}
