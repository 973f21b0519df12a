/** How what several impairments do to one place adds up. */

/** Amounts that add up. */
export function add(
  column: Float64Array,
  i: number,
  amount: number | undefined,
  strength: number,
): void {
  if (amount) column[i] = (column[i] as number) + amount * strength;
}

/** Factors that multiply; half as strong, half as far from 1. */
export function multiply(
  column: Float64Array,
  i: number,
  factor: number | undefined,
  strength: number,
): void {
  if (factor) column[i] = (column[i] as number) * (1 + (factor - 1) * strength);
}

/** Two shares that hit independently. */
export function unite(
  column: Float64Array,
  i: number,
  share: number | undefined,
  strength: number,
): void {
  if (share) column[i] = 1 - (1 - (column[i] as number)) * (1 - share * strength);
}
