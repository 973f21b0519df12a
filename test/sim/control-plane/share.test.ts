import { expect, it } from 'vitest';
import { resolveShare } from '../../../sim/control-plane/share.ts';

it('rounds percentages as asked and takes counts as they are', () => {
  expect(resolveShare('25%', 5, 'up')).toBe(2);
  expect(resolveShare('25%', 5, 'down')).toBe(1);
  expect(resolveShare(3, 5, 'down')).toBe(3);
  expect(() => resolveShare('1.5', 5, 'up')).toThrow(/percentage/);
});
