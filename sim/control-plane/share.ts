import { InputError } from '../../core/tools/index.ts';

/** Resolves `3` or `"25%"` against a total; percentages round up or down as asked. */
export function resolveShare(
  share: number | string,
  total: number,
  rounding: 'up' | 'down',
): number {
  if (typeof share === 'number') return share;
  const match = /^(\d+)%$/.exec(share);
  if (!match)
    throw new InputError(`expected a count or a percentage, got ${JSON.stringify(share)}`);
  const exact = (Number(match[1]) * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
