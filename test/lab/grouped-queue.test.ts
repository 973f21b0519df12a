import { expect, it } from 'vitest';
import { GroupedQueue } from '../../lab/grouped-queue.ts';

it('keeps a lane with its group, and lets it help when all have been begun', () => {
  const queue = new GroupedQueue(['a', 'b', 'a', 'a', 'b']);
  expect([queue.next(0), queue.next(1), queue.next(0), queue.next(1)]).toEqual([0, 1, 2, 4]);
  expect([queue.next(1), queue.next(0), queue.next(1)]).toEqual([3, null, null]);
});
