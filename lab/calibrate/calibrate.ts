import { UsageError } from '../../core/tools/index.ts';
import { checkFit, type ServiceFit } from './check-fit.ts';
import { readClusterFacts } from './cluster-facts.ts';
import { type FittedTopology, fitTopology } from './fit-topology.ts';
import { type MetricFacts, readMetricFacts } from './metric-facts.ts';
import { readMetricLines } from './metric-lines.ts';
import type { TwinRun } from './observe-twin.ts';
import { type Lines, readOtlpLines } from './otlp-lines.ts';
import { summariseTraces, type TraceStatistics } from './trace-statistics.ts';
import { tuneDelays } from './tune-delays.ts';

export interface CalibrationInputs {
  readonly name: string;
  readonly traces: { readonly file: string; readonly lines: Lines };
  readonly metrics: { readonly file: string; readonly lines: Lines };
  readonly manifests: readonly { readonly path: string; readonly text: string }[];
}

export interface Calibration {
  readonly fitted: FittedTopology;
  /** The fit, checked by running the twin on it. */
  readonly services: readonly ServiceFit[];
  readonly traces: TraceStatistics;
  readonly metrics: MetricFacts;
  /** Kinds in the manifests that the twin has not, with their number. */
  readonly skippedKinds: ReadonlyMap<string, number>;
}

/**
 * Telemetry and manifests in, a topology for the twin out: fitted, run, corrected by that run, and
 * checked by another. Empty inputs are a {@link UsageError}.
 */
export async function calibrate(
  inputs: CalibrationInputs,
  run: Omit<TwinRun, 'minutes'>,
): Promise<Calibration> {
  const cluster = readClusterFacts(inputs.manifests);
  if (cluster.objects.length === 0) {
    throw new UsageError(
      'no Kubernetes objects in the manifests',
      'kubectl get deployments,services,nodes -A -o yaml > manifests/cluster.yaml writes them',
    );
  }
  const series = await readMetricLines(inputs.metrics.lines, inputs.metrics.file);
  if (series.length === 0) {
    throw new UsageError(
      `no metrics in ${inputs.metrics.file}`,
      'OpenMetrics text with timestamps, or CSV; see docs/calibrate.md',
    );
  }
  const spans = await readOtlpLines(inputs.traces.lines, inputs.traces.file);
  if (spans.length === 0) {
    throw new UsageError(
      `no spans in ${inputs.traces.file}`,
      'OTLP JSON lines, as the file exporter of the OpenTelemetry collector writes them',
    );
  }
  const traces = summariseTraces(spans);
  const metrics = readMetricFacts(series);
  const data = { traces, metrics, cluster };
  const stage = (from: number, until: number): Omit<TwinRun, 'minutes'> => ({
    seed: run.seed,
    onProgress: (share) => run.onProgress(from + (until - from) * share),
  });
  const first = fitTopology(inputs.name, data);
  const factors = await tuneDelays(first, stage(0.4, 0.8));
  const fitted = fitTopology(inputs.name, data, factors);
  const services = await checkFit(fitted, data, stage(0.8, 1));
  return { fitted, services, traces, metrics, skippedKinds: cluster.skipped };
}
