import type { ChangeEvent, ClusterEvent } from '../core/observable/index.ts';
import { formatMicroInstant } from '../core/tools/index.ts';

/** Kubernetes Events, one JSON object per line, with RFC 3339 `time` beside `atMs`. */
export function exportEventsJsonl(events: Iterable<ClusterEvent>): Iterable<string> {
  return jsonLines(events);
}

/** Change events, one JSON object per line, with RFC 3339 `time` beside `atMs`. */
export function exportChangesJsonl(changes: Iterable<ChangeEvent>): Iterable<string> {
  return jsonLines(changes);
}

function* jsonLines(items: Iterable<{ readonly atMs: number }>): Generator<string> {
  for (const item of items)
    yield `${JSON.stringify({ time: formatMicroInstant(item.atMs), ...item })}\n`;
}
