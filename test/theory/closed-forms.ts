/**
 * Textbook results, written apart from the twin's own formulas so that both can be tested with
 * them.
 */

/** P(wait > 0) in M/M/c, summed term by term from the definition. */
export function waitProbability(servers: number, utilisation: number): number {
  const offered = servers * utilisation;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < servers; k += 1) {
    term *= offered / k;
    sum += term;
  }
  const allBusy = ((term * offered) / servers) * (1 / (1 - utilisation));
  return allBusy / (sum + allBusy);
}

export interface ManyServers {
  readonly servers: number;
  readonly utilisation: number;
  readonly serviceMs: number;
}

/** Mean time in M/M/c. */
export function meanOfMmc({ servers, utilisation, serviceMs }: ManyServers): number {
  return (
    serviceMs + (waitProbability(servers, utilisation) * serviceMs) / (servers * (1 - utilisation))
  );
}

/** The q-quantile of the time in M/M/c. */
export function quantileOfMmc({ servers, utilisation, serviceMs }: ManyServers, q: number): number {
  const waits = waitProbability(servers, utilisation);
  const service = 1 / serviceMs;
  const drain = servers * service * (1 - utilisation);
  return bisect(1000 * serviceMs, (ms) =>
    Math.abs(drain - service) < 1e-9 * service
      ? 1 - q < Math.exp(-service * ms) * (1 + waits * service * ms)
      : 1 - q <
        (1 - waits) * Math.exp(-service * ms) +
          (waits * (drain * Math.exp(-service * ms) - service * Math.exp(-drain * ms))) /
            (drain - service),
  );
}

/** The q-quantile of the sum of two independent exponential times with these different means. */
export function quantileOfTwoExponentials(first: number, second: number, q: number): number {
  return bisect(
    100 * (first + second),
    (ms) =>
      1 - q < (first * Math.exp(-ms / first) - second * Math.exp(-ms / second)) / (first - second),
  );
}

/**
 * The boundary between arguments from 0 for which `isBelow` holds and those to `high` for which
 * not.
 */
function bisect(high: number, isBelow: (x: number) => boolean): number {
  let from = 0;
  let to = high;
  for (let i = 0; i < 100; i += 1) {
    const middle = (from + to) / 2;
    if (isBelow(middle)) from = middle;
    else to = middle;
  }
  return from;
}
