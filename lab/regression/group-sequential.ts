import { normalCdf, normalPdf } from '../../core/tools/index.ts';

const gridPoints = 401;
/** The grid reaches this many standard deviations below zero. */
const reach = 8;

/**
 * Critical z values of a one-sided test that may stop at each of several looks: `spent[k]` is the
 * error allowed up to look k, when a share `information[k]` of all trials is in. Found by recursive
 * numerical integration over the paths that have not crossed (Armitage, McPherson and Rowe, 1969;
 * Lan and DeMets, Biometrika 70, 1983). Costs some 10 ms; takes increments as normal and
 * independent.
 */
export function sequentialBoundaries(
  information: readonly number[],
  spent: readonly number[],
): number[] {
  let density: Density | null = null;
  let atInformation = 0;
  let used = 0;
  return information.map((share, k) => {
    const step = Math.sqrt(share - atInformation);
    const allowed = (spent[k] as number) - used;
    const boundary = crossing(density, step, allowed);
    density = nextDensity(density, { step, boundary, lowest: -reach * Math.sqrt(share) });
    atInformation = share;
    used = spent[k] as number;
    return boundary / Math.sqrt(share);
  });
}

/** Error spent in proportion to the information (Kim and DeMets, 1987, with exponent 1). */
export function linearSpending(information: readonly number[], alpha: number): number[] {
  return information.map((share) => alpha * share);
}

/** The sum's density where no boundary was crossed so far, on an even grid. */
interface Density {
  readonly from: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** Where the next sum lies above with just the allowed probability, by bisection. */
function crossing(density: Density | null, step: number, allowed: number): number {
  let [low, high] = [-10, 20];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (probabilityAbove(density, step, middle) > allowed) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function probabilityAbove(density: Density | null, step: number, boundary: number): number {
  if (!density) return normalCdf(-boundary / step);
  return integrate(density, (u) => normalCdf((u - boundary) / step));
}

function nextDensity(
  density: Density | null,
  { step, boundary, lowest }: { step: number; boundary: number; lowest: number },
): Density {
  const width = (boundary - lowest) / (gridPoints - 1);
  const values = Float64Array.from({ length: gridPoints }, (_, i) => {
    const s = lowest + i * width;
    if (!density) return normalPdf(s / step) / step;
    return integrate(density, (u) => normalPdf((s - u) / step) / step);
  });
  return { from: lowest, width, values };
}

/** Simpson's rule; the grid has an odd number of points. */
function integrate({ from, width, values }: Density, weight: (u: number) => number): number {
  let sum = 0;
  for (let i = 0; i < gridPoints; i += 1) {
    const factor = i === 0 || i === gridPoints - 1 ? 1 : i % 2 === 1 ? 4 : 2;
    sum += factor * (values[i] as number) * weight(from + i * width);
  }
  return (sum * width) / 3;
}
