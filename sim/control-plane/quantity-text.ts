import { parseQuantity } from '../../core/tools/index.ts';

const binaryUnits = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
/** From a thousand-millionth on. */
const decimalUnits = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/**
 * A quantity as the API server writes it: with the largest unit that leaves a whole number, e.g.
 * `1000m` as `1`, `1.5Gi` as `1536Mi`. Amounts with an exponent stay as they are.
 */
export function canonicalQuantity(quantity: string): string {
  const text = String(quantity);
  if (/[eE][+-]?\d/.test(text)) return text;
  const value = parseQuantity(text);
  return text.endsWith('i') && value >= 1024
    ? withUnit(Math.ceil(value), binaryUnits, 1024)
    : withUnit(Math.round(value * 1e9), decimalUnits, 1000);
}

/** `amount` of the first unit, in the largest unit of which it is a whole number. */
function withUnit(amount: number, units: readonly string[], step: number): string {
  if (amount === 0) return '0';
  let [unit, left] = [0, amount];
  while (unit + 1 < units.length && left % step === 0) {
    unit += 1;
    left /= step;
  }
  return `${left}${units[unit]}`;
}
