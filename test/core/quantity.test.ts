import { expect, it } from 'vitest';
import { parseQuantity } from '../../core/tools/index.ts';

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

it('takes a number as the API would read it', () => {
  expect(parseQuantity(2)).toBe(2);
});
