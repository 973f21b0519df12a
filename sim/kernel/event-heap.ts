/** What happens at a virtual instant: plain data, so that a fork can share it. */
export interface TimedEvent {
  /** Whole microseconds of virtual time. */
  readonly atUs: number;
  /** Smaller goes first among events of one instant. */
  readonly priority: number;
  /** Order of insertion; breaks the last tie. */
  readonly sequence: number;
}

/** Adds an event to a binary heap kept in a plain array; O(log n). */
export function pushEvent<E extends TimedEvent>(heap: E[], event: E): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parent = (index - 1) >>> 1;
    if (!isBefore(event, heap[parent] as E)) break;
    heap[index] = heap[parent] as E;
    index = parent;
  }
  heap[index] = event;
}

/** Takes the event that is first by (atUs, priority, sequence); O(log n). */
export function popEvent<E extends TimedEvent>(heap: E[]): E | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as E, heap[child] as E)) child += 1;
    if (!isBefore(heap[child] as E, last)) break;
    heap[index] = heap[child] as E;
    index = child;
  }
  heap[index] = last;
  return first;
}

function isBefore(a: TimedEvent, b: TimedEvent): boolean {
  if (a.atUs !== b.atUs) return a.atUs < b.atUs;
  if (a.priority !== b.priority) return a.priority < b.priority;
  return a.sequence < b.sequence;
}
