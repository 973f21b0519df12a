import { expect, it } from 'vitest';
import { parseQuantity, resolveShare } from '../../../sim/control-plane/quantity.ts';

it.each([
  ['200m', 0.2],
  ['70m', 0.07],
  ['2', 2],
  ['1.5', 1.5],
  ['64Mi', 64 * 1024 * 1024],
  ['1G', 1e9],
  ['1Ki', 1024],
  ['1e3', 1000],
  ['500u', 0.0005],
])('reads the quantity %s', (text, value) => {
  expect(parseQuantity(text)).toBe(value);
});

it.each(['', '1 Gi', '10MB', 'abc', '1.2.3'])('refuses the quantity %j', (text) => {
  expect(() => parseQuantity(text)).toThrow(/expected a quantity/);
});

it('rounds percentages as asked and takes counts as they are', () => {
  expect(resolveShare('25%', 5, 'up')).toBe(2);
  expect(resolveShare('25%', 5, 'down')).toBe(1);
  expect(resolveShare(3, 5, 'down')).toBe(3);
  expect(() => resolveShare('1.5', 5, 'up')).toThrow(/percentage/);
});
