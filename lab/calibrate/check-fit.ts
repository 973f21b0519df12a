import { mean, quantile, standardDeviation } from '../../core/tools/index.ts';
import type { FittedTopology } from './fit-topology.ts';
import { type MetricFacts, meanOf } from './metric-facts.ts';
import { observeTwin, type TwinRun } from './observe-twin.ts';
import { serviceOfKey } from './operation-statistics.ts';
import { safeName } from './safe-names.ts';
import type { TraceStatistics } from './trace-statistics.ts';

/** The same figure in the data and in the twin on the fitted topology. */
interface Pair {
  readonly observed: number;
  readonly twin: number;
}

/** How well the fitted twin behaves like the data, for one service. */
export interface ServiceFit {
  readonly service: string;
  readonly requestsPerSec: Pair;
  /** Whole good responses as spans show them, ms. */
  readonly latencyMsMean: Pair;
  readonly latencyMsP95: Pair;
  /** Of the mean latency: twin over observed, less one. */
  readonly error: number;
  /** Standard error of that, from the number of spans on both sides. */
  readonly standardError: number;
  readonly spans: number;
  readonly goodness: 'good' | 'fair' | 'poor' | 'few spans';
}

const spansMin = 30;
const limits = { good: 0.1, fair: 0.25, p95: 0.2 } as const;

const checkMinutes = 20;

/** Runs the twin on the fitted topology and compares its spans with the data's. */
export async function checkFit(
  fitted: FittedTopology,
  data: { readonly traces: TraceStatistics; readonly metrics: MetricFacts },
  run: Omit<TwinRun, 'minutes'>,
): Promise<ServiceFit[]> {
  const { spec, rates } = fitted;
  const twin = await observeTwin(fitted, { ...run, minutes: checkMinutes });
  return spec.services.map(({ name }) => {
    const counted = [...data.metrics.services].find(([service]) => safeName(service) === name);
    const fittedPerSec = [...rates.means]
      .filter(([key]) => safeName(serviceOfKey(key)) === name)
      .reduce((sum, [, rate]) => sum + rate, 0);
    return compare(name, {
      observed: durationsOf(data.traces, name),
      twin: durationsOf(twin.traces, name),
      requestsPerSec: {
        observed: meanOf(counted?.[1]) ?? fittedPerSec,
        twin: twin.requestsPerSec.get(name) ?? 0,
      },
    });
  });
}

function durationsOf({ operations }: TraceStatistics, name: string): readonly number[] {
  const all: number[] = [];
  for (const { service, durationsMs } of operations.values()) {
    if (safeName(service) === name) for (const ms of durationsMs) all.push(ms);
  }
  return all;
}

function compare(
  service: string,
  given: {
    readonly observed: readonly number[];
    readonly twin: readonly number[];
    readonly requestsPerSec: Pair;
  },
): ServiceFit {
  const { observed, twin, requestsPerSec } = given;
  const latencyMsMean = { observed: mean(observed), twin: mean(twin) };
  const latencyMsP95 = { observed: quantile(observed, 0.95), twin: quantile(twin, 0.95) };
  const error = latencyMsMean.twin / latencyMsMean.observed - 1;
  const relative = (values: readonly number[]): number =>
    standardDeviation(values) / mean(values) / Math.sqrt(values.length);
  const standardError = Math.hypot(relative(observed), relative(twin));
  const spans = observed.length;
  const p95Error = Math.abs(latencyMsP95.twin / latencyMsP95.observed - 1);
  const isNear = (limit: number): boolean => Math.abs(error) <= Math.max(limit, 2 * standardError);
  const isFew = Math.min(spans, twin.length) < spansMin;
  const isGood = isNear(limits.good) && p95Error <= Math.max(limits.p95, 3 * standardError);
  const goodness = isFew ? 'few spans' : isGood ? 'good' : isNear(limits.fair) ? 'fair' : 'poor';
  return {
    service,
    requestsPerSec,
    latencyMsMean,
    latencyMsP95,
    error,
    standardError,
    spans,
    goodness,
  };
}
