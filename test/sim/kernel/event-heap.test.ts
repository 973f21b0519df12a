import fc from 'fast-check';
import { expect, it } from 'vitest';
import { popEvent, pushEvent, type TimedEvent } from '../../../sim/kernel/event-heap.ts';

const keys = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3 })), {
  maxLength: 200,
});

function drain(heap: TimedEvent[]): TimedEvent[] {
  const out: TimedEvent[] = [];
  for (let event = popEvent(heap); event !== undefined; event = popEvent(heap)) out.push(event);
  return out;
}

it('gives events back by instant, then priority, then insertion', () => {
  fc.assert(
    fc.property(keys, (pairs) => {
      const events = pairs.map(([atUs, priority], sequence) => ({ atUs, priority, sequence }));
      const heap: TimedEvent[] = [];
      for (const event of events) pushEvent(heap, event);
      const sorted = [...events].sort(
        (a, b) => a.atUs - b.atUs || a.priority - b.priority || a.sequence - b.sequence,
      );
      expect(drain(heap)).toEqual(sorted);
    }),
    { seed: 7 },
  );
});

it('stays ordered when events are added while others are taken', () => {
  fc.assert(
    fc.property(keys, (pairs) => {
      const heap: TimedEvent[] = [];
      let nowUs = 0;
      pairs.forEach(([atUs, priority], sequence) => {
        pushEvent(heap, { atUs: nowUs + atUs, priority, sequence });
        if (sequence % 3 !== 2) return;
        const next = popEvent(heap);
        expect(next?.atUs).toBeGreaterThanOrEqual(nowUs);
        nowUs = next?.atUs ?? nowUs;
      });
    }),
    { seed: 7 },
  );
});
