import type { MetricsFrame } from '../../../core/observable/index.ts';
import { type ResourceSeries, visibleFrom } from './resource-series.ts';

/** Mean CPU utilisation of a service's pods at which it counts as saturated, and for how long. */
const saturated = 0.9;
const lastingScrapes = 3;
/** Values before the load begins to rise, for the noise. */
const usualPoints = 40;

/**
 * The CPU of every service beside its load: as shares of what saturates it, up to where the first
 * service of the run is saturated.
 * `riseMs` is when the load of the run begins to rise.
 */
export function saturationSeries(
  frames: readonly MetricsFrame[],
  { run, riseMs }: { readonly run: string; readonly riseMs: number },
): ResourceSeries[] {
  const index = frames.at(-1)?.index.series ?? [];
  const pods = new Map<string, number[]>();
  index.forEach(({ signal, labels }, column) => {
    if (signal !== 'cpu_utilization') return;
    const service = labels.service as string;
    pods.set(service, [...(pods.get(service) ?? []), column]);
  });
  const intervalMs = (frames[1] as MetricsFrame).atMs - (frames[0] as MetricsFrame).atMs;
  const onset = frames.findIndex(({ atMs }) => atMs >= riseMs);
  const services = index.flatMap(({ signal, labels }, column) => {
    const columns = pods.get(labels.service ?? '');
    if (signal !== 'request_rate' || columns === undefined) return [];
    const values = Float64Array.from(frames, (frame) => meanOf(frame.values, columns) / saturated);
    const loads = Float64Array.from(frames, (frame) => frame.values[column] ?? Number.NaN);
    return [{ service: labels.service as string, values, loads, end: saturatedAt(values) }];
  });
  // What the first saturated service turns away never reaches the others.
  const first = Math.min(frames.length - 1, ...services.flatMap(({ end }) => end ?? []));
  return services.map(({ service, values, loads, end }) => {
    const own = values.subarray(0, first + 1);
    const isFirst = end === first;
    return {
      resource: 'cpu' as const,
      source: `${run}, service/${service}`,
      intervalMs,
      values: own,
      loads,
      judgedFrom: 0,
      exhaustedAt: isFirst ? end : null,
      visibleAt:
        isFirst && onset >= 0
          ? visibleFrom(own, { onset, noise: noiseBefore(own, onset), intervalMs })
          : null,
    };
  });
}

function meanOf(values: Float64Array, columns: readonly number[]): number {
  const own = columns.map((column) => values[column] ?? Number.NaN).filter((one) => one >= 0);
  return own.length === 0 ? Number.NaN : own.reduce((sum, one) => sum + one, 0) / own.length;
}

/** The first of enough scrapes in a row with nothing left. */
function saturatedAt(values: Float64Array): number | null {
  let lasting = 0;
  for (let i = 0; i < values.length; i += 1) {
    lasting = values[i]! >= 1 ? lasting + 1 : 0;
    if (lasting === lastingScrapes) return i - lastingScrapes + 1;
  }
  return null;
}

function noiseBefore(values: Float64Array, onset: number): number {
  const usual = values.subarray(Math.max(0, onset - usualPoints), onset).filter((one) => one >= 0);
  const mean = usual.reduce((sum, one) => sum + one, 0) / Math.max(1, usual.length);
  const squares = usual.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, usual.length - 1));
}
