import { expect, it } from 'vitest';
import type { MetricsFrame, SeriesDescriptor } from '../../../core/observable/index.ts';
import { RestartWatch } from '../../../detectors/index.ts';

function series(pod: string, signal: SeriesDescriptor['signal']): SeriesDescriptor {
  return { signal, component: `pod/${pod}`, labels: { pod } };
}

it('a pod counts as restarted when its restart count rises, and only then', () => {
  const index = {
    series: [
      series('a', 'container_restarts_total'),
      series('b', 'container_restarts_total'),
      series('b', 'pod_ready'),
    ],
  };
  const watch = new RestartWatch();
  const seen = [
    [3, 0, 1],
    [3, Number.NaN, 0],
    [4, 1, 1],
    [4, 1, 2],
  ].map((values, i) => {
    const frame: MetricsFrame = { atMs: i, index, values: Float64Array.from(values) };
    return [...watch.observe(frame)];
  });
  expect(seen).toEqual([[], [], ['a', 'b'], []]);
});
