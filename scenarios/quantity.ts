import { InputError } from '../core/tools/index.ts';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A Kubernetes quantity (`300m`, `2`, `64Mi`) as a number of its base unit. */
export function parseQuantity(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text.trim()) ?? [];
  if (amount === undefined) {
    throw new InputError(
      `expected a quantity such as 300m, 2 or 64Mi, got ${JSON.stringify(text)}`,
    );
  }
  return Number(amount) * (factors[unit ?? ''] as number);
}
