import { bucketCount, type RunRecord } from '../core/truth/index.ts';
import { baseLayout, type Chart, minutesOf, quietAxis } from './chart.ts';
import { cumulativeLost } from './sli-curves.ts';

const pointsMax = 600;

/** User requests lost since the run's start, with and without healing. */
export function harmChart(record: RunRecord): Chart {
  const range: [number, number] = [
    minutesOf(record.sli.healed.startMs),
    minutesOf(record.durationMs),
  ];
  return {
    id: 'harm',
    label: 'User requests lost since the run began',
    heightPx: 280,
    data: [
      curve(record, 'unhealed', {
        name: 'unhealed (do nothing)',
        color: 'var(--unhealed)',
        width: 1.5,
      }),
      curve(record, 'healed', { name: 'healed', color: 'var(--healed)', width: 2.5 }),
    ],
    layout: {
      ...baseLayout(),
      hovermode: 'x unified',
      xaxis: quietAxis({ range, title: { text: 'minutes since the run began', standoff: 8 } }),
      yaxis: quietAxis({ rangemode: 'tozero', tickformat: '~s' }),
    },
    views: [],
  };
}

function curve(
  record: RunRecord,
  run: 'healed' | 'unhealed',
  style: { name: string; color: string; width: number },
): Chart['data'][number] {
  const series = record.sli[run];
  const lost = cumulativeLost(record, run);
  const stride = Math.max(1, Math.ceil(bucketCount(series) / pointsMax));
  // The last bucket always stays: it carries the total.
  const kept = lost.map((_, i) => i).filter((i) => i % stride === 0 || i === lost.length - 1);
  return {
    type: 'scatter',
    mode: 'lines',
    name: style.name,
    x: kept.map((i) => minutesOf(series.startMs + i * series.stepMs)),
    y: kept.map((i) => lost[i]),
    line: { color: style.color, width: style.width },
    fill: 'tozeroy',
    fillcolor: `${style.color.slice(0, -1)}-wash)`,
    hovertemplate: '%{y:,.0f} lost',
  };
}
