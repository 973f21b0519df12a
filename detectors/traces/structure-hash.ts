import type { Span } from '../../core/observable/index.ts';
import { hashText } from '../../core/tools/index.ts';
import { isSection, peerOf, type Trace } from './assemble-traces.ts';

/**
 * A 32-bit hash of who called whom in a trace: the tree of services and operations, repeated and
 * reordered siblings alike. Retries and loops leave it as it is; a call that was not made, or made
 * anew, does not. Blind to errors and times. Two of a thousand shapes collide with a chance of
 * 1e-4.
 */
export function structureHash(trace: Trace): number {
  return hashFrom(trace, trace.root);
}

function hashFrom(trace: Trace, at: number): number {
  const span = trace.spans[at] as Span;
  let hash = hashText(nameOf(span));
  const below = new Set<number>();
  for (const child of trace.children[at] as readonly number[]) {
    if (!isSection(trace.spans[child] as Span)) below.add(hashFrom(trace, child));
  }
  for (const child of [...below].sort((a, b) => a - b)) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ Math.imul(child, 0xc2b2ae35);
  }
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Whose time a span is: `service/operation` of a server, `->service/operation` of a call to it. */
export function nameOf(span: Span): string {
  return span.kind === 'client'
    ? `->${peerOf(span)}/${span.operation}`
    : `${span.resource.service}/${span.operation}`;
}
