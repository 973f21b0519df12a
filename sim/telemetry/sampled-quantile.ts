import type { LatencyLaw } from '../data-plane/flow-state.ts';
import { gammaQuantile } from '../data-plane/gamma.ts';
import { gammaQuantileNear } from '../data-plane/gamma-table.ts';
import { isLarge } from '../data-plane/large-systems.ts';
import { type GammaQuantile, latencyQuantileMs } from '../data-plane/latency-law.ts';
import { bucketedQuantileMs } from './histogram-quantile.ts';
import { heavyTail, latencyTailIndex } from './noise.ts';

/** The requests behind a latency quantile, and the chance in it. */
export interface QuantileSample {
  readonly count: number;
  /** Standard normal: by how much the sample's ranks are off. */
  readonly error: number;
  /** What delays requests beside the twin's laws, as a logarithm. */
  readonly noise: number;
  /** Uniform: where in a bucket the histogram puts it. */
  readonly place: number;
  readonly quantile: GammaQuantile;
}

/** A bucket is a thousand times as wide as what the table of a large system's laws is off. */
export function quantileFor(pods: number): GammaQuantile {
  return isLarge(pods) ? gammaQuantileNear : gammaQuantile;
}

/**
 * The q-quantile as a histogram of `count` requests shows it: an order statistic, whose rank errs
 * by √(q(1 − q)/count), scattered as much as a heavy tail would.
 */
export function sampledQuantile(law: LatencyLaw, q: number, sample: QuantileSample): number {
  const { count, error, noise, place, quantile } = sample;
  const rank = q + error * Math.sqrt((q * (1 - q)) / count);
  const edge = 1 / (2 * count + 2);
  const quantileMs = latencyQuantileMs(law, Math.min(Math.max(rank, edge), 1 - edge), quantile);
  const beyond = count * (1 - q);
  // The median needs no help: there the law's own density decides.
  const tail = (2 * q - 1) / (latencyTailIndex * Math.sqrt(beyond + 1));
  const log = Math.log(quantileMs) + noise + tail * heavyTail(error);
  return bucketedQuantileMs(log, beyond, place);
}
