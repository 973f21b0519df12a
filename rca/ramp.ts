/** 0 up to `low`, 1 from `high` on, linear in between; 0 for NaN. */
export function ramp(value: number, low: number, high: number): number {
  if (!(value > low)) return 0;
  return value >= high ? 1 : (value - low) / (high - low);
}
