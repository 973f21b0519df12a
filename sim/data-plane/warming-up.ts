import type { ServiceSpec } from '../../core/truth/index.ts';

/** After so many time constants a process is as warm as it gets. */
const warmAfter = 30;

type Warming = Pick<ServiceSpec, 'startupMs' | 'coldFactor' | 'coldMs'>;

/** For how long a process that started then has answered, in ms. */
export function servingMs({ startupMs }: Warming, startedUs: number, atMs: number): number {
  return Math.max(0, atMs - startedUs / 1000 - startupMs);
}

/**
 * CPU that a request needs beyond its warm demand, as a share of that, so long after a process
 * began to answer: an exponential, on average over the `seconds` that end then.
 */
export function coldPart(service: Warming, ageMs: number, seconds: number): number {
  const { coldFactor, coldMs } = service;
  if (coldFactor <= 0 || ageMs >= warmAfter * coldMs) return 0;
  const now = coldFactor * Math.exp(-ageMs / coldMs);
  if (seconds === 1) return now;
  // The mean over the ends of the seconds, which is what playing each of them adds up to.
  return (now * Math.expm1((1000 * seconds) / coldMs)) / (seconds * Math.expm1(1000 / coldMs));
}

/** In how many seconds the cold part falls by less than `drift`; infinite for a warm process. */
export function secondsToFall(service: Warming, ageMs: number, drift: number): number {
  const part = coldPart(service, ageMs, 1);
  if (part <= drift) return Number.POSITIVE_INFINITY;
  return (-service.coldMs * Math.log1p(-drift / part)) / 1000;
}
