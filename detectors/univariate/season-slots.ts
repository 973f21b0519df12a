/** A season: how long it lasts, and into how many slots it is cut. */
export interface Season {
  readonly periodMs: number;
  readonly slots: number;
}

/** A day in quarters of an hour. */
export const dailySeason: Season = { periodMs: 86_400_000, slots: 96 };

/** A week in hours. */
export const weeklySeason: Season = { periodMs: 604_800_000, slots: 168 };

/** The slot of an instant. */
export function slotAt({ periodMs, slots }: Season, atMs: number): number {
  const phase = (((atMs % periodMs) + periodMs) % periodMs) / periodMs;
  return Math.min(slots - 1, Math.floor(phase * slots));
}
