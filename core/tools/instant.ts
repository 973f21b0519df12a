/**
 * The wall-clock reading that virtual time 0 stands for. A fixed working day, so that records do
 * not depend on when they were made: Monday 2026-01-05 09:00:00 UTC.
 */
export const virtualEpochMs: number = Date.UTC(2026, 0, 5, 9, 0, 0);

/** A virtual instant (ms since run start, may be negative) as RFC 3339 with whole seconds. */
export function formatInstant(atMs: number): string {
  return `${new Date(virtualEpochMs + atMs).toISOString().slice(0, 19)}Z`;
}

/** A virtual instant as RFC 3339 with microseconds, the form of Kubernetes' MicroTime. */
export function formatMicroInstant(atMs: number): string {
  return `${new Date(virtualEpochMs + atMs).toISOString().slice(0, 23)}000Z`;
}

/** The virtual instant (ms since run start) of an RFC 3339 text. */
export function parseInstantMs(text: string): number {
  return Date.parse(text) - virtualEpochMs;
}
