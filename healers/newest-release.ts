import type { MetricHistory } from '../core/observable/index.ts';

/**
 * The newest release a service was seen to run, where it ran another one before; null: only one.
 */
export function newestRelease(
  metrics: MetricHistory,
  service: string,
): { readonly release: string; readonly sinceMs: number } | null {
  const firstFrames = new Map<string, number>();
  const { frames } = metrics;
  for (const column of metrics.columns({ signal: 'pod_ready' })) {
    const { labels } = metrics.series(column);
    if (labels.service !== service || labels.release === undefined) continue;
    const first = frames.findIndex((frame) => Number.isFinite(frame.values[column]));
    if (first < 0) continue;
    const known = firstFrames.get(labels.release);
    firstFrames.set(labels.release, known === undefined ? first : Math.min(known, first));
  }
  const byAge = [...firstFrames].sort(([, a], [, b]) => b - a);
  const [newest, older] = byAge;
  if (!newest || !older || newest[1] === older[1]) return null;
  return { release: newest[0], sinceMs: frames[newest[1]]?.atMs ?? 0 };
}
