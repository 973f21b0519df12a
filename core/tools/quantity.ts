import { InputError } from './errors.ts';

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 * 1024,
  Gi: 1024 * 1024 * 1024,
  Ti: 1024 * 1024 * 1024 * 1024,
  Pi: 1024 * 1024 * 1024 * 1024 * 1024,
  Ei: 1024 * 1024 * 1024 * 1024 * 1024 * 1024,
};

const pattern =
  /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/;

/** Reads a Kubernetes quantity (`200m`, `64Mi`, `1G`, `1e3`) into cores, bytes or a count. */
export function parseQuantity(quantity: string | number): number {
  if (typeof quantity === 'number') return quantity;
  const match = pattern.exec(quantity.trim());
  if (!match) {
    throw new InputError(
      `expected a quantity such as 200m, 64Mi or 1G, got ${JSON.stringify(quantity)}`,
    );
  }
  const [, digits, exponent, suffix] = match;
  if (exponent !== undefined) return Number(`${digits}e${exponent}`);
  return scale(Number(digits), suffixes[suffix ?? ''] as number);
}

/** Dividing by the inverse keeps 0.001 steps exact (`200m` is 0.2, not 0.2000000001). */
function scale(amount: number, factor: number): number {
  return factor < 1 ? amount / Math.round(1 / factor) : amount * factor;
}
