import { expect, it } from 'vitest';
import { takeBack } from '../../sim/faults/take-back.ts';

const pod = (image: string, env: Record<string, string>, more: object = {}): object => ({
  containers: [
    { name: 'server', image, env: Object.entries(env).map(([name, value]) => ({ name, value })) },
  ],
  ...more,
});

it.each([
  ['a value', { a: 1 }, { a: 2 }, { a: 2 }, { a: 1 }],
  ['an added field', { a: 1 }, { a: 1, b: 2 }, { a: 1, b: 2 }, { a: 1 }],
  ['a removed field', { a: 1, b: 2 }, { a: 1 }, { a: 1, c: 3 }, { a: 1, c: 3, b: 2 }],
  [
    'a field in a named list',
    pod('x:1', { A: '1' }),
    pod('x:1', { A: '2' }),
    pod('x:2', { A: '2' }),
    pod('x:2', { A: '1' }),
  ],
])('takes back %s and leaves what others changed', (_what, before, after, now, expected) => {
  expect(takeBack(now, before, after)).toEqual(expected);
});

it('leaves alone what somebody has changed since', () => {
  expect(takeBack({ a: 3 }, { a: 1 }, { a: 2 })).toEqual({ a: 3 });
  expect(takeBack({ list: [1, 2, 4] }, { list: [1] }, { list: [1, 2] })).toEqual({
    list: [1, 2, 4],
  });
});
